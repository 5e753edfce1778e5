//! Places names beside points, where they cover nothing.

use super::frame::Frame;
use crate::report::svg::Anchor;

/// The approximate width of a letter of a name, pixels.
const LETTER: f64 = 6.4;

/// Half the size of a dot, pixels.
const DOT: f64 = 6.0;

/// Left, top, right and bottom, in pixels.
type Extent = [f64; 4];

/// The areas that names must not cover.
pub(super) struct Obstacles {
    taken: Vec<Extent>,
}

impl Obstacles {
    /// Obstacles for these dots, and for lines through these points.
    pub(super) fn new(dots: &[[f64; 2]], lines: &[&[[f64; 2]]]) -> Obstacles {
        let mut taken: Vec<Extent> = dots.iter().map(|&[x, y]| [x - DOT, y - DOT, x + DOT, y + DOT]).collect();
        for line in lines {
            for pair in line.windows(2) {
                taken.extend(pieces(pair[0], pair[1]));
            }
        }
        Obstacles { taken }
    }

    /// Writes a name beside its point: as close as there is room, with a leader line if it is farther away. A name that
    /// fits nowhere is left out.
    pub(super) fn name(&mut self, frame: &mut Frame, point: [f64; 2], name: &str) {
        let width = name.chars().count() as f64 * LETTER;
        let Some(text) = self.spot(frame, point, width) else { return };
        let own = extent(text, width);
        // From the dot to the nearest place of the name.
        let near = [point[0].clamp(own[0], own[2]), point[1].clamp(own[1] + 3.0, own[3] - 2.0)];
        let way = [near[0] - point[0], near[1] - point[1]];
        let length = way[0].hypot(way[1]);
        if length > 2.5 * DOT {
            let start = [point[0] + way[0] / length * DOT, point[1] + way[1] / length * DOT];
            frame.svg.line("leader", start, near);
        }
        frame.svg.text("point-name", text, Anchor::Start, name);
        self.taken.push(own);
    }

    /// Where a text of this width can begin.
    fn spot(&self, frame: &Frame, [x, y]: [f64; 2], width: f64) -> Option<[f64; 2]> {
        let around = |apart: f64| {
            let (side, slant) = (9.0 + apart, 7.0 + 0.7 * apart);
            [
                [side, 4.0],
                [-side - width, 4.0],
                [-width / 2.0, -10.0 - apart],
                [-width / 2.0, 19.0 + apart],
                [slant, -6.0 - 0.7 * apart],
                [slant, 16.0 + 0.7 * apart],
                [-slant - width, -6.0 - 0.7 * apart],
                [-slant - width, 16.0 + 0.7 * apart],
            ]
        };
        [0.0, 8.0, 16.0, 26.0, 38.0, 52.0].into_iter().flat_map(around).map(|[dx, dy]| [x + dx, y + dy]).find(|&text| {
            let own = extent(text, width);
            let inside = own[0] >= frame.left + 2.0
                && own[2] <= frame.right + 20.0
                && own[1] >= frame.top - 16.0
                && own[3] <= frame.bottom - 2.0;
            inside && !self.taken.iter().any(|other| overlap(own, *other))
        })
    }
}

/// The area of a text that begins at this point.
fn extent([x, y]: [f64; 2], width: f64) -> Extent {
    [x, y - 10.0, x + width, y + 3.0]
}

fn overlap(a: Extent, b: Extent) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// A line in pieces of at most eight pixels, each with a little room around it.
fn pieces(from: [f64; 2], to: [f64; 2]) -> Vec<Extent> {
    let way = [to[0] - from[0], to[1] - from[1]];
    let count = (way[0].hypot(way[1]) / 8.0).ceil().max(1.0);
    let at = |step: f64| [from[0] + way[0] * step / count, from[1] + way[1] * step / count];
    let piece = |step: u32| {
        let (a, b) = (at(f64::from(step)), at(f64::from(step + 1)));
        [a[0].min(b[0]) - 2.0, a[1].min(b[1]) - 2.0, a[0].max(b[0]) + 2.0, a[1].max(b[1]) + 2.0]
    };
    (0..count as u32).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plots::figure::Canvas;
    use crate::report::plots::frame::{Axes, Scale};

    fn frame() -> Frame {
        let axes = Axes { x: Scale::linear("x"), y: Scale::linear("y"), zero: false };
        Frame::new(Canvas::Wide, axes, &[[0.0, 0.0], [10.0, 10.0]])
    }

    #[test]
    fn names_keep_off_lines_dots_and_one_another() {
        let mut frame = frame();
        let dots = [[400.0, 200.0], [408.0, 203.0], [396.0, 205.0], [404.0, 196.0]];
        let line = [[300.0, 200.0], [400.0, 200.0], [500.0, 260.0]];
        let mut obstacles = Obstacles::new(&dots, &[&line]);
        for dot in dots {
            let before = obstacles.taken.len();
            obstacles.name(&mut frame, dot, "a long name");
            let names = &obstacles.taken[before..];
            assert_eq!(names.len(), 1, "a name beside {dot:?}");
            assert!(obstacles.taken[..before].iter().all(|other| !overlap(names[0], *other)));
        }
    }

    #[test]
    fn a_name_without_room_is_left_out() {
        let mut frame = frame();
        let mut obstacles = Obstacles { taken: vec![[0.0, 0.0, 2000.0, 2000.0]] };
        obstacles.name(&mut frame, [400.0, 200.0], "name");
        assert_eq!(obstacles.taken.len(), 1);
    }
}
