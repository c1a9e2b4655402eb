const NAME = "bothways.learner";
const LANGUAGE = "bothways.language";
const GOOD = /^[0-9a-f]{32}$/;

export default function (component) {
  const { data, setStateValue } = component;
  let kept = data.candidate;
  let language = data.known;
  try {
    const stored = window.localStorage.getItem(NAME);
    if (stored && GOOD.test(stored)) kept = stored;
    else window.localStorage.setItem(NAME, kept);
    if (data.language) window.localStorage.setItem(LANGUAGE, data.language);
    else language = window.localStorage.getItem(LANGUAGE) || "";
  } catch {
    // A browser that keeps nothing (private mode) still has an id for as long as the tab is open.
  }
  if (kept !== data.candidate) setStateValue("id", kept);
  if (language !== data.known) setStateValue("language", language);
}
