//! Lines through the points of several series.

use super::figure::{Canvas, Caption, Keys, figure};
use super::frame::{Axes, Frame};
use crate::numerals::number;
use crate::report::svg::Svg;

/// A series of points.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// Its name.
    pub(crate) name: String,
    /// The points, from left to right.
    pub(crate) points: Vec<[f64; 2]>,
    /// Lower and upper ends of the points' intervals, if they have any.
    pub(crate) intervals: Vec<[f64; 2]>,
}

impl Series {
    /// Points without intervals.
    pub(crate) fn new(name: impl Into<String>, points: Vec<[f64; 2]>) -> Series {
        Series { name: name.into(), points, intervals: Vec::new() }
    }
}

/// Lines through the points of each series; a legend names several.
pub(crate) fn lines(id: &str, title: &str, axes: Axes<'_>, series: &[Series]) -> String {
    let told = series.iter().map(|series| {
        let points = series.points.iter().map(|[x, y]| format!("{} at {}", number(*y), number(*x)));
        format!("{}: {}", series.name, points.collect::<Vec<_>>().join(", "))
    });
    let description = told.collect::<Vec<_>>().join("; ");
    let keys = Keys::default();
    let names = series.iter().map(|series| series.name.as_str());
    let keys = if series.len() > 1 { keys.legend(names) } else { keys };
    figure(Caption { id, title, description: &description }, &keys, |canvas| draw(canvas, axes, series))
}

fn draw(canvas: Canvas, axes: Axes<'_>, series: &[Series]) -> Svg {
    let all: Vec<[f64; 2]> = series
        .iter()
        .flat_map(|series| {
            let ends = series.points.iter().zip(&series.intervals);
            let ends = ends.flat_map(|(point, [low, high])| [[point[0], *low], [point[0], *high]]);
            series.points.iter().copied().chain(ends)
        })
        .collect();
    let mut frame = Frame::new(canvas, axes, &all);
    for (index, series) in series.iter().enumerate() {
        let class = format!("s{}", index % 6);
        let places: Vec<[f64; 2]> = series.points.iter().map(|&point| frame.at(point)).collect();
        for (place, [low, high]) in places.iter().zip(&series.intervals) {
            let [low, high] = [*low, *high].map(|value| frame.y.place(value));
            frame.svg.line(&format!("whisker {class}"), [place[0], low], [place[0], high]);
        }
        frame.svg.path(&format!("line {class}"), &places);
        for (place, [x, y]) in places.iter().zip(&series.points) {
            let tip = format!("{}: {} at {}", series.name, number(*y), number(*x));
            frame.svg.dot(&format!("dot {class}"), *place, &tip);
        }
    }
    frame.svg
}
