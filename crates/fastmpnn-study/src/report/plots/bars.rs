//! Horizontal bars from zero.

use super::figure::{Canvas, Caption, Keys, figure};
use crate::numerals::{number, short};
use crate::report::axis::{Axis, Spread};
use crate::report::svg::{Anchor, Svg};

/// A bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// Its label.
    pub(crate) label: String,
    /// Its length.
    pub(crate) value: f64,
    /// The half-width of the error bar at its end; none if zero.
    pub(crate) spread: f64,
    /// The value as text.
    pub(crate) text: String,
    /// A remark after its number, such as `2.1 ×`.
    pub(crate) remark: String,
    /// Its color.
    pub(crate) kind: BarKind,
}

/// The color of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BarKind {
    /// The bar that the others are compared with.
    Base,
    /// The other bars.
    Plain,
    /// An untrained network, or a time that is not meaningful.
    Pale,
}

impl BarKind {
    fn class(self) -> &'static str {
        match self {
            BarKind::Base => "bar base",
            BarKind::Plain => "bar",
            BarKind::Pale => "bar pale",
        }
    }
}

/// A bar's height, and the height that it takes with its gap.
const BAR: f64 = 17.0;
const ROW: f64 = 26.0;

/// The height of a label above its bar, if there is no room beside it.
const LABEL: f64 = 17.0;

/// The approximate width of a letter, pixels.
const LETTER: f64 = 6.6;

/// Bars one below the other; the title names the unit.
pub(crate) fn bars(id: &str, title: &str, unit: &str, bars: &[Bar]) -> String {
    let told = bars.iter().map(|bar| format!("{}: {} {unit}", bar.label, bar.text));
    let description = told.collect::<Vec<_>>().join("; ");
    figure(Caption { id, title, description: &description }, &Keys::default(), |canvas| draw(canvas, bars))
}

/// The approximate width of a text, pixels.
fn extent(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

fn draw(canvas: Canvas, bars: &[Bar]) -> Svg {
    let narrow = canvas == Canvas::Narrow;
    let widest = |text: &dyn Fn(&Bar) -> String| bars.iter().map(|bar| extent(&text(bar))).fold(0.0, f64::max);
    let left = if narrow { 1.0 } else { (widest(&|bar| bar.label.clone()) + 16.0).clamp(110.0, 380.0) };
    let right = canvas.width() - widest(&behind) - 14.0;
    let row = if narrow { ROW + LABEL } else { ROW };
    let bottom = row * bars.len() as f64 + 4.0;
    let mut svg = Svg::new(canvas.width(), bottom + 22.0);
    let ends = bars.iter().map(|bar| bar.value + if bar.spread.is_finite() { bar.spread } else { 0.0 });
    let axis = Axis::over(Spread::Linear, ends, [left, right], true);
    for tick in axis.ticks(if narrow { 4 } else { 6 }) {
        let x = axis.place(tick);
        svg.line("grid", [x, 0.0], [x, bottom]);
        svg.text("tick", [x, bottom + 15.0], if tick == 0.0 { Anchor::Start } else { Anchor::Middle }, &short(tick));
    }
    for (index, bar) in bars.iter().enumerate() {
        let mut top = row * index as f64 + 5.0;
        if narrow {
            svg.text("label", [left, top + 10.0], Anchor::Start, &bar.label);
            top += LABEL;
        } else {
            svg.text("label", [left - 8.0, top + 13.0], Anchor::End, &bar.label);
        }
        let end = axis.place(bar.value);
        svg.rect(bar.kind.class(), [left, top], [end - left, BAR]);
        let mut after = end;
        if bar.spread > 0.0 {
            let [low, high] = [bar.value - bar.spread, bar.value + bar.spread].map(|value| axis.place(value.max(0.0)));
            let middle = top + BAR / 2.0;
            svg.line("whisker", [low, middle], [high, middle]);
            for x in [low, high] {
                svg.line("whisker", [x, middle - 4.0], [x, middle + 4.0]);
            }
            after = high;
        }
        svg.text("value", [after + 6.0, top + 13.0], Anchor::Start, &behind(bar));
    }
    svg
}

/// The text after a bar.
fn behind(bar: &Bar) -> String {
    if bar.remark.is_empty() { bar.text.clone() } else { format!("{}  ({})", bar.text, bar.remark) }
}

impl Bar {
    /// A plain bar of a measured number.
    pub(crate) fn new(label: impl Into<String>, value: f64) -> Bar {
        Bar {
            label: label.into(),
            value,
            spread: 0.0,
            text: number(value),
            remark: String::new(),
            kind: BarKind::Plain,
        }
    }
}
