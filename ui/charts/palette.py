"""One meaning per colour, everywhere (Okabe–Ito: safe for colour-blind readers, on light and dark)."""

PAST = "#0072B2"  # left context
FUTURE = "#D55E00"  # right context
BOTH = "#009E73"  # both sides
CEILING = "#8C8C8C"  # the theoretical limit, always dashed
CUE = "#E69F00"  # the evidence in a sentence
OF_DIRECTION = {"left-to-right": PAST, "right-to-left": FUTURE, "both": BOTH}
MORE = ("#CC79A7", "#56B4E9", "#F0E442", "#999933")  # further runs of the same direction
