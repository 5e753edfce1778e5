//! The roofline.

use super::figure::{Canvas, Caption, Keys, figure};
use super::frame::{Axes, Frame, Scale};
use super::labels::Obstacles;
use crate::numerals::number;
use crate::report::svg::{Anchor, Svg};
use crate::roofline::Limits;

/// A stage under the roof.
#[derive(Clone, Debug)]
pub(crate) struct UnderRoof {
    /// Its name.
    pub(crate) name: String,
    /// Operations per byte.
    pub(crate) intensity: f64,
    /// Attained GFLOP/s.
    pub(crate) rate: f64,
}

/// The roofline: the lower of bandwidth times intensity and the peak, and the stages below it. The stages have numbers,
/// and a list under the picture names them.
pub(crate) fn roof(id: &str, limits: Limits, stages: &[UnderRoof]) -> String {
    let told = stages.iter().map(|stage| {
        format!("{}: {} GFLOP/s at {} operations per byte", stage.name, number(stage.rate), number(stage.intensity))
    });
    let description = format!(
        "The peak is {} GFLOP/s, the bandwidth {} GB/s, the ridge at {} operations per byte. {}",
        number(limits.peak_gflops),
        number(limits.read_gb_s),
        number(limits.ridge()),
        told.collect::<Vec<_>>().join("; ")
    );
    let title = "Attained rates under the machine's limits";
    let keys = Keys::default().numbered(stages.iter().map(|stage| stage.name.as_str()), false);
    figure(Caption { id, title, description: &description }, &keys, |canvas| draw(canvas, limits, stages))
}

fn draw(canvas: Canvas, limits: Limits, stages: &[UnderRoof]) -> Svg {
    let Limits { peak_gflops: peak, read_gb_s: bandwidth } = limits;
    let ridge = limits.ridge();
    let mut points: Vec<[f64; 2]> = stages.iter().map(|stage| [stage.intensity, stage.rate]).collect();
    points.extend([[ridge / 8.0, peak / 8.0], [ridge * 8.0, peak]]);
    let axes = Axes { x: Scale::log("operations per byte (log)"), y: Scale::log("GFLOP/s (log)"), zero: false };
    let mut frame = Frame::new(canvas, axes, &points);
    let [first, last] = frame.x.ends();
    let low = frame.y.ends()[0];
    // The point at which the slope enters the frame.
    let entry = first.max(low / bandwidth);
    let roof: Vec<[f64; 2]> =
        [[entry, entry * bandwidth], [ridge, peak], [last, peak]].into_iter().map(|point| frame.at(point)).collect();
    frame.svg.path("roof", &roof);
    let [_, top] = roof[1];
    let text = format!("{} GFLOP/s of multiply-adds", number(peak));
    frame.svg.text("tick", [frame.right - 2.0, top - 7.0], Anchor::End, &text);
    let middle = (entry * ridge).sqrt();
    let slope = frame.at([middle, middle * bandwidth]);
    // Under the slope: above it there is no room on a narrow page.
    frame.svg.text("tick", [slope[0] + 12.0, slope[1] + 14.0], Anchor::Start, &format!("{} GB/s", number(bandwidth)));
    let places: Vec<[f64; 2]> = stages.iter().map(|stage| frame.at([stage.intensity, stage.rate])).collect();
    let mut obstacles = Obstacles::new(&places, &[&roof]);
    for (index, (stage, &place)) in stages.iter().zip(&places).enumerate() {
        let tip =
            format!("{}: {} GFLOP/s, {} operations per byte", stage.name, number(stage.rate), number(stage.intensity));
        frame.svg.dot(&format!("dot s{}", index % 6), place, &tip);
    }
    for (index, &place) in places.iter().enumerate() {
        obstacles.name(&mut frame, place, &(index + 1).to_string());
    }
    frame.svg
}
