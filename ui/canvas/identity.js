const NAME = "bothways.learner";
const GOOD = /^[0-9a-f]{32}$/;

export default function (component) {
  const { data, setStateValue } = component;
  let kept = data.candidate;
  try {
    const stored = window.localStorage.getItem(NAME);
    if (stored && GOOD.test(stored)) kept = stored;
    else window.localStorage.setItem(NAME, kept);
  } catch {
    // A browser that keeps nothing (private mode) still has an id for as long as the tab is open.
  }
  if (kept !== data.candidate) setStateValue("id", kept);
}
