"""Drawing the timeline: on a terminal, as SVG, as a page."""
