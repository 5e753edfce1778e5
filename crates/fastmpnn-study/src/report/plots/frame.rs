//! The frame of a plot with two axes.

use super::figure::Canvas;
use crate::numerals::short;
use crate::report::axis::{Axis, Spread};
use crate::report::svg::{Anchor, Svg};

/// The label and scale of an axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale<'a> {
    /// Its label.
    pub(crate) label: &'a str,
    /// How numbers are spread along it.
    pub(crate) spread: Spread,
}

impl<'a> Scale<'a> {
    /// Numbers by their logarithms.
    pub(crate) const fn log(label: &'a str) -> Scale<'a> {
        Scale { label, spread: Spread::Log }
    }

    /// Numbers evenly.
    pub(crate) const fn linear(label: &'a str) -> Scale<'a> {
        Scale { label, spread: Spread::Linear }
    }
}

/// The axes of a plot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axes<'a> {
    /// The horizontal axis.
    pub(crate) x: Scale<'a>,
    /// The vertical axis.
    pub(crate) y: Scale<'a>,
    /// Whether a linear vertical axis begins at zero.
    pub(crate) zero: bool,
}

/// Axes, ticks and grid, on which a plot is drawn.
pub(super) struct Frame {
    pub(super) svg: Svg,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// A frame that holds the points.
    pub(super) fn new(canvas: Canvas, axes: Axes<'_>, points: &[[f64; 2]]) -> Frame {
        let narrow = canvas == Canvas::Narrow;
        let (height, left) = if narrow { (300.0, 44.0) } else { (400.0, 56.0) };
        // The vertical axis's label is above it, so that it takes no width.
        let (top, bottom, right) = (34.0, height - 46.0, canvas.width() - 22.0);
        let mut svg = Svg::new(canvas.width(), height);
        let x = Axis::over(axes.x.spread, points.iter().map(|point| point[0]), [left, right], false);
        let y = Axis::over(axes.y.spread, points.iter().map(|point| point[1]), [bottom, top], axes.zero);
        for tick in x.ticks(if narrow { 4 } else { 9 }) {
            let place = x.place(tick);
            svg.line("grid", [place, top], [place, bottom]);
            svg.text("tick", [place, bottom + 17.0], Anchor::Middle, &short(tick));
        }
        for tick in y.ticks(6) {
            let place = y.place(tick);
            svg.line("grid", [left, place], [right, place]);
            svg.text("tick", [left - 7.0, place + 4.0], Anchor::End, &short(tick));
        }
        svg.line("axis", [left, bottom], [right, bottom]);
        svg.line("axis", [left, top], [left, bottom]);
        svg.text("axis-name", [right, bottom + 38.0], Anchor::End, axes.x.label);
        svg.text("axis-name", [2.0, 13.0], Anchor::Start, axes.y.label);
        Frame { svg, x, y, left, right, top, bottom }
    }

    /// Where a point is drawn.
    pub(super) fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x.place(x), self.y.place(y)]
    }
}
