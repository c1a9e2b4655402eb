"""Where sequences come from: language games with known ceilings, and text."""
