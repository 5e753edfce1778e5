//! Named points, and their Pareto front.

use super::figure::{Canvas, Caption, Keys, figure};
use super::frame::{Axes, Frame};
use super::labels::Obstacles;
use crate::numerals::number;
use crate::report::svg::Svg;

/// A point with a name.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// Its name.
    pub(crate) name: String,
    /// Its coordinates.
    pub(crate) at: [f64; 2],
    /// The index of its color.
    pub(crate) series: usize,
}

/// Named points, and the line of those that no other beats in both directions (larger is better in both). On a narrow
/// page the points have numbers, and a list under the picture names them.
pub(crate) fn scatter(id: &str, title: &str, axes: Axes<'_>, marks: &[Mark], series: &[&str]) -> String {
    let told = marks.iter().map(|mark| format!("{}: {}, {}", mark.name, number(mark.at[0]), number(mark.at[1])));
    let description = told.collect::<Vec<_>>().join("; ");
    let names = marks.iter().map(|mark| mark.name.as_str());
    let keys = Keys::default().legend(series.iter().copied()).numbered(names, true);
    figure(Caption { id, title, description: &description }, &keys, |canvas| draw(canvas, axes, marks))
}

fn draw(canvas: Canvas, axes: Axes<'_>, marks: &[Mark]) -> Svg {
    let all: Vec<[f64; 2]> = marks.iter().map(|mark| mark.at).collect();
    let mut frame = Frame::new(canvas, axes, &all);
    let mut stairs: Vec<[f64; 2]> = Vec::new();
    for index in pareto(&all) {
        let place = frame.at(all[index]);
        if let Some(before) = stairs.last().copied() {
            stairs.push([before[0], place[1]]);
        }
        stairs.push(place);
    }
    frame.svg.path("front", &stairs);
    let places: Vec<[f64; 2]> = all.iter().map(|&point| frame.at(point)).collect();
    let mut obstacles = Obstacles::new(&places, &[&stairs]);
    for (mark, &place) in marks.iter().zip(&places) {
        let tip = format!("{}: {} and {}", mark.name, number(mark.at[0]), number(mark.at[1]));
        frame.svg.dot(&format!("dot s{}", mark.series), place, &tip);
    }
    for (index, (mark, &place)) in marks.iter().zip(&places).enumerate() {
        let name = if canvas == Canvas::Narrow { (index + 1).to_string() } else { mark.name.clone() };
        obstacles.name(&mut frame, place, &name);
    }
    frame.svg
}

/// The points that no other beats in both directions, from left to right.
fn pareto(points: &[[f64; 2]]) -> Vec<usize> {
    let beats = |a: [f64; 2], b: [f64; 2]| a[0] >= b[0] && a[1] >= b[1] && a != b;
    let mut front: Vec<usize> =
        (0..points.len()).filter(|&own| !points.iter().any(|&other| beats(other, points[own]))).collect();
    front.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]));
    front
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_is_what_nobody_beats() {
        let points = [[1.0, 1.0], [2.0, 0.9], [1.5, 0.8], [4.0, 0.2], [3.0, 0.2], [0.5, 1.0]];
        assert_eq!(pareto(&points), [0, 1, 3]);
        // Equal points are both on the front.
        assert_eq!(pareto(&[[1.0, 1.0], [1.0, 1.0]]).len(), 2);
    }
}
