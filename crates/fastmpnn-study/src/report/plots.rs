//! The kinds of plots: bars with spread, lines on log or linear axes, and points with a Pareto front.

use super::axis::{Axis, Spread};
use super::svg::{Anchor, Svg};
use crate::numerals::number;
use crate::roofline::Limits;

/// A bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its length.
    pub value: f64,
    /// Drawn to both sides of its end; nothing where zero.
    pub spread: f64,
    /// What stands behind its number, such as `2.1 ×`.
    pub remark: String,
    /// Which color: the plain one, that of the comparison's first, or that of untrained networks.
    pub kind: BarKind,
}

/// How a bar is colored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// What the others are compared with.
    Base,
    /// The others.
    Plain,
    /// An untrained network, or a time that means nothing.
    Pale,
}

const WIDTH: f64 = 760.0;

/// Horizontal bars from zero, one below the other.
pub fn bars(id: &str, title: &str, unit: &str, bars: &[Bar]) -> String {
    const ROW: f64 = 26.0;
    const TOP: f64 = 30.0;
    let longest = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or(0) as f64;
    let left = (longest * 6.6 + 16.0).clamp(110.0, 330.0);
    let right = 130.0;
    let height = TOP + ROW * bars.len() as f64 + 34.0;
    let description =
        bars.iter().map(|bar| format!("{}: {} {unit}", bar.label, number(bar.value))).collect::<Vec<_>>().join("; ");
    let mut svg = Svg::new(WIDTH, height, title, &description);
    svg.text("head", [0.0, 15.0], Anchor::Start, title);
    let ends = bars.iter().map(|bar| bar.value + if bar.spread.is_finite() { bar.spread } else { 0.0 });
    let axis = Axis::over(Spread::Linear, ends, [left, WIDTH - right], true);
    let bottom = TOP + ROW * bars.len() as f64;
    for tick in axis.ticks() {
        let x = axis.place(tick);
        svg.line("grid", [x, TOP - 4.0], [x, bottom]);
        svg.text("tick", [x, bottom + 14.0], Anchor::Middle, &number(tick));
    }
    svg.text("tick", [WIDTH - right + 8.0, bottom + 14.0], Anchor::Start, unit);
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        let class = match bar.kind {
            BarKind::Base => "bar base",
            BarKind::Plain => "bar",
            BarKind::Pale => "bar pale",
        };
        svg.text("label", [left - 8.0, y + 15.0], Anchor::End, &shortened(&bar.label));
        let end = axis.place(bar.value);
        svg.rect(class, [left, y + 4.0], [end - left, ROW - 9.0]);
        let mut after = end;
        if bar.spread > 0.0 {
            let [low, high] = [bar.value - bar.spread, bar.value + bar.spread].map(|value| axis.place(value.max(0.0)));
            let middle = y + ROW / 2.0 - 0.5;
            svg.line("whisker", [low, middle], [high, middle]);
            for x in [low, high] {
                svg.line("whisker", [x, middle - 4.0], [x, middle + 4.0]);
            }
            after = high;
        }
        let text =
            if bar.remark.is_empty() { number(bar.value) } else { format!("{}  ({})", number(bar.value), bar.remark) };
        svg.text("value", [after + 6.0, y + 15.0], Anchor::Start, &text);
    }
    svg.finish(id)
}

fn shortened(label: &str) -> String {
    const MOST: usize = 48;
    if label.chars().count() <= MOST { label.to_owned() } else { label.chars().take(MOST - 1).chain(['…']).collect() }
}

/// Points that belong together.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// The points, from left to right.
    pub points: Vec<[f64; 2]>,
    /// Lower and upper ends of the points' intervals, where they have any.
    pub intervals: Vec<[f64; 2]>,
}

impl Series {
    /// Points without intervals.
    pub fn new(name: impl Into<String>, points: Vec<[f64; 2]>) -> Series {
        Series { name: name.into(), points, intervals: Vec::new() }
    }
}

/// What an axis shows.
#[derive(Clone, Copy, Debug)]
pub struct Scale<'a> {
    /// Its label.
    pub label: &'a str,
    /// How numbers are spread along it.
    pub spread: Spread,
}

impl<'a> Scale<'a> {
    /// Numbers by their logarithms.
    pub const fn log(label: &'a str) -> Scale<'a> {
        Scale { label, spread: Spread::Log }
    }

    /// Numbers evenly.
    pub const fn linear(label: &'a str) -> Scale<'a> {
        Scale { label, spread: Spread::Linear }
    }
}

/// The axes of a plot.
#[derive(Clone, Copy, Debug)]
pub struct Axes<'a> {
    /// The horizontal axis.
    pub x: Scale<'a>,
    /// The vertical axis.
    pub y: Scale<'a>,
    /// Whether a linear vertical axis begins at zero.
    pub zero: bool,
}

/// The frame of a plot with two axes.
struct Frame {
    svg: Svg,
    x: Axis,
    y: Axis,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn new(title: &str, description: &str, axes: Axes<'_>, points: &[[f64; 2]], right: f64) -> Frame {
        let (height, left, top, bottom) = (340.0, 70.0, 34.0, 290.0);
        let right = WIDTH - right;
        let mut svg = Svg::new(WIDTH, height, title, description);
        svg.text("head", [0.0, 15.0], Anchor::Start, title);
        let x = Axis::over(axes.x.spread, points.iter().map(|point| point[0]), [left, right], false);
        let y = Axis::over(axes.y.spread, points.iter().map(|point| point[1]), [bottom, top], axes.zero);
        for tick in x.ticks() {
            let place = x.place(tick);
            svg.line("grid", [place, top], [place, bottom]);
            svg.text("tick", [place, bottom + 16.0], Anchor::Middle, &number(tick));
        }
        for tick in y.ticks() {
            let place = y.place(tick);
            svg.line("grid", [left, place], [right, place]);
            svg.text("tick", [left - 8.0, place + 4.0], Anchor::End, &number(tick));
        }
        svg.line("axis", [left, bottom], [right, bottom]);
        svg.line("axis", [left, top], [left, bottom]);
        svg.text("axis-name", [(left + right) / 2.0, bottom + 38.0], Anchor::Middle, axes.x.label);
        svg.upward("axis-name", [16.0, (top + bottom) / 2.0], axes.y.label);
        Frame { svg, x, y, left, right, top, bottom }
    }

    fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x.place(x), self.y.place(y)]
    }
}

/// Lines through the points of each series, named at their ends.
pub fn lines(id: &str, title: &str, axes: Axes<'_>, series: &[Series]) -> String {
    let all: Vec<[f64; 2]> = series
        .iter()
        .flat_map(|series| {
            let ends = series.points.iter().zip(&series.intervals);
            series
                .points
                .iter()
                .copied()
                .chain(ends.flat_map(|(point, [low, high])| [[point[0], *low], [point[0], *high]]))
        })
        .collect();
    let told = series.iter().map(|series| {
        let points = series.points.iter().map(|[x, y]| format!("{} at {}", number(*y), number(*x)));
        format!("{}: {}", series.name, points.collect::<Vec<_>>().join(", "))
    });
    let description = told.collect::<Vec<_>>().join("; ");
    let longest = series.iter().map(|series| series.name.chars().count()).max().unwrap_or(0) as f64;
    let room = if series.len() > 1 { (longest * 6.6 + 24.0).min(220.0) } else { 24.0 };
    let mut frame = Frame::new(title, &description, axes, &all, room);
    let mut ends: Vec<(f64, usize)> = Vec::new();
    for (index, series) in series.iter().enumerate() {
        let class = format!("s{}", index % 6);
        let places: Vec<[f64; 2]> = series.points.iter().map(|&point| frame.at(point)).collect();
        for (place, [low, high]) in places.iter().zip(&series.intervals) {
            let [low, high] = [*low, *high].map(|value| frame.y.place(value));
            frame.svg.line(&format!("whisker {class}"), [place[0], low], [place[0], high]);
        }
        frame.svg.path(&format!("line {class}"), &places);
        for (place, [x, y]) in places.iter().zip(&series.points) {
            frame.svg.dot(
                &format!("dot {class}"),
                *place,
                &format!("{}: {} at {}", series.name, number(*y), number(*x)),
            );
        }
        if let Some(last) = places.last() {
            ends.push((last[1], index));
        }
    }
    if series.len() > 1 {
        // Names stand beside the last points, pushed apart where they would overlap.
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut above = f64::NEG_INFINITY;
        for (y, index) in ends {
            let y = y.max(above + 15.0);
            above = y;
            let x = frame.right + 10.0;
            frame.svg.text(&format!("label s{}", index % 6), [x, y + 4.0], Anchor::Start, &series[index].name);
        }
    }
    frame.svg.finish(id)
}

/// A point with a name.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub at: [f64; 2],
    /// Which color.
    pub series: usize,
}

/// Named points, and the line of those that no other beats in both directions (larger is better in both).
pub fn scatter(id: &str, title: &str, axes: Axes<'_>, marks: &[Mark], names: &[&str]) -> String {
    let all: Vec<[f64; 2]> = marks.iter().map(|mark| mark.at).collect();
    let told = marks.iter().map(|mark| format!("{}: {}, {}", mark.name, number(mark.at[0]), number(mark.at[1])));
    let description = told.collect::<Vec<_>>().join("; ");
    let mut frame = Frame::new(title, &description, axes, &all, 30.0);
    let front = pareto(&all);
    let mut stairs: Vec<[f64; 2]> = Vec::new();
    for &index in &front {
        let place = frame.at(all[index]);
        if let Some(before) = stairs.last().copied() {
            stairs.push([before[0], place[1]]);
        }
        stairs.push(place);
    }
    frame.svg.path("front", &stairs);
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for mark in marks {
        let [x, y] = frame.at(mark.at);
        taken.push([x - 6.0, y - 6.0, x + 6.0, y + 6.0]);
    }
    for (index, mark) in marks.iter().enumerate() {
        let place = frame.at(mark.at);
        let tip = format!("{}: {} and {}", mark.name, number(mark.at[0]), number(mark.at[1]));
        frame.svg.dot(&format!("dot s{}", mark.series), place, &tip);
        let width = mark.name.chars().count() as f64 * 6.3;
        // The first place around the point where the name covers nothing; none at all where there is none.
        let spots = [
            [9.0, 4.0],
            [-9.0 - width, 4.0],
            [-width / 2.0, -10.0],
            [-width / 2.0, 19.0],
            [8.0, -9.0],
            [8.0, 17.0],
            [-8.0 - width, -9.0],
            [-8.0 - width, 17.0],
        ];
        let free = spots.into_iter().map(|[dx, dy]| [place[0] + dx, place[1] + dy]).find(|&[x, y]| {
            let own = [x, y - 10.0, x + width, y + 3.0];
            let inside =
                own[0] >= frame.left && own[2] <= WIDTH && own[1] >= frame.top - 14.0 && own[3] <= frame.bottom;
            inside && !taken.iter().enumerate().any(|(other, one)| other != index && overlap(own, *one))
        });
        if let Some([x, y]) = free {
            taken.push([x, y - 10.0, x + width, y + 3.0]);
            frame.svg.text("point-name", [x, y], Anchor::Start, &mark.name);
        }
    }
    for (index, name) in names.iter().enumerate() {
        let place = [frame.left + 290.0 + 105.0 * index as f64, 15.0];
        frame.svg.dot(&format!("dot s{index}"), [place[0], place[1] - 4.0], name);
        frame.svg.text("tick", [place[0] + 9.0, place[1]], Anchor::Start, name);
    }
    frame.svg.finish(id)
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// The points that no other beats in both directions, from left to right.
pub fn pareto(points: &[[f64; 2]]) -> Vec<usize> {
    let beats = |a: [f64; 2], b: [f64; 2]| a[0] >= b[0] && a[1] >= b[1] && a != b;
    let mut front: Vec<usize> =
        (0..points.len()).filter(|&own| !points.iter().any(|&other| beats(other, points[own]))).collect();
    front.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]));
    front
}

/// A stage under the roof.
#[derive(Clone, Debug)]
pub struct UnderRoof {
    /// Its name.
    pub name: String,
    /// Operations a byte.
    pub intensity: f64,
    /// Attained GFLOP/s.
    pub rate: f64,
}

/// Between names that stand one below the other.
const STEP: f64 = 15.0;

/// The roofline: the lower of bandwidth times intensity and the peak, and the stages below it.
pub fn roof(id: &str, limits: Limits, stages: &[UnderRoof]) -> String {
    let Limits { peak_gflops: peak, read_gb_s: bandwidth } = limits;
    let ridge = limits.ridge();
    let mut points: Vec<[f64; 2]> = stages.iter().map(|stage| [stage.intensity, stage.rate]).collect();
    points.extend([[ridge / 8.0, peak / 8.0], [ridge * 8.0, peak]]);
    let title = "Roofline: attained rates under the machine's limits";
    let told = stages.iter().map(|stage| {
        format!("{}: {} GFLOP/s at {} operations a byte", stage.name, number(stage.rate), number(stage.intensity))
    });
    let description = format!(
        "The peak is {} GFLOP/s, the bandwidth {} GB/s, the ridge at {} operations a byte. {}",
        number(peak),
        number(bandwidth),
        number(ridge),
        told.collect::<Vec<_>>().join("; ")
    );
    let axes = Axes { x: Scale::log("operations a byte (log)"), y: Scale::log("GFLOP/s (log)"), zero: false };
    let mut frame = Frame::new(title, &description, axes, &points, 250.0);
    let [first, last] = frame.x.ends();
    let low = frame.y.ends()[0];
    // Where the slope enters the frame.
    let entry = first.max(low / bandwidth);
    let roof: Vec<[f64; 2]> =
        [[entry, entry * bandwidth], [ridge, peak], [last, peak]].into_iter().map(|point| frame.at(point)).collect();
    frame.svg.path("roof", &roof);
    let label = frame.at([ridge, peak]);
    frame.svg.text(
        "tick",
        [label[0] + 6.0, label[1] - 7.0],
        Anchor::Start,
        &format!("{} GFLOP/s of multiply-adds", number(peak)),
    );
    let middle = (entry * ridge).sqrt();
    let slope = frame.at([middle, middle * bandwidth]);
    frame.svg.text("tick", [slope[0] - 8.0, slope[1] - 6.0], Anchor::End, &format!("{} GB/s", number(bandwidth)));
    let mut order: Vec<(f64, usize)> =
        stages.iter().enumerate().map(|(index, stage)| (frame.y.place(stage.rate), index)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Names one below the other, as near to their points as the frame allows.
    let mut above = frame.top;
    for (y, _) in &mut order {
        *y = y.max(above + STEP);
        above = *y;
    }
    let mut below = frame.bottom + STEP;
    for (y, _) in order.iter_mut().rev() {
        *y = y.min(below - STEP);
        below = *y;
    }
    for (y, index) in order {
        let stage = &stages[index];
        let place = frame.at([stage.intensity, stage.rate]);
        let tip =
            format!("{}: {} GFLOP/s, {} operations a byte", stage.name, number(stage.rate), number(stage.intensity));
        frame.svg.dot(&format!("dot s{}", index % 6), place, &tip);
        frame.svg.line("leader", [place[0] + 6.0, place[1]], [frame.right + 6.0, y]);
        frame.svg.text("point-name", [frame.right + 10.0, y + 4.0], Anchor::Start, &stage.name);
    }
    frame.svg.finish(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_is_what_nobody_beats() {
        let points = [[1.0, 1.0], [2.0, 0.9], [1.5, 0.8], [4.0, 0.2], [3.0, 0.2], [0.5, 1.0]];
        assert_eq!(pareto(&points), [0, 1, 3]);
        // Equal points are both on it.
        assert_eq!(pareto(&[[1.0, 1.0], [1.0, 1.0]]).len(), 2);
    }

    #[test]
    fn every_plot_names_itself_and_tells_its_numbers() {
        let bar = |label: &str, value| Bar {
            label: label.into(),
            value,
            spread: 0.5,
            remark: String::new(),
            kind: BarKind::Plain,
        };
        let picture = bars("a", "Times", "ms", &[bar("first", 3.0), bar("second", 12.0)]);
        assert!(picture.contains("<title id=\"a-t\">Times</title>") && picture.contains("second: 12 ms"));
        let axes = Axes { x: Scale::log("n"), y: Scale::log("ms"), zero: false };
        let two =
            [Series::new("up", vec![[1.0, 1.0], [10.0, 20.0]]), Series::new("down", vec![[1.0, 9.0], [10.0, 2.0]])];
        let picture = lines("b", "Growth", axes, &two);
        assert!(picture.contains("up: 1 at 1, 20 at 10; down: 9 at 1, 2 at 10"));
        assert!(!picture.contains("NaN") && !picture.contains("inf"));
        let picture = roof(
            "c",
            Limits { peak_gflops: 200.0, read_gb_s: 20.0 },
            &[UnderRoof { name: "stage".into(), intensity: 30.0, rate: 90.0 }],
        );
        assert!(picture.contains("ridge at 10 operations a byte"));
    }
}
