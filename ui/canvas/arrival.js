let arrived = "";

export default function ({ data }) {
  if (arrived === data.what) return;
  arrived = data.what;
  document.querySelector("[data-testid=stMain]")?.scrollTo({ top: 0 });
}
