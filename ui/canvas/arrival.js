let arrived = null;

export default function ({ data, parentElement }) {
  if (arrived === data.what) return;
  arrived = data.what;
  const place = parentElement.host ?? parentElement;
  place.style.scrollMarginTop = "12rem";
  place.scrollIntoView({ block: "start" });
}
