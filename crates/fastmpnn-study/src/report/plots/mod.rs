//! The kinds of plots: bars with spread, lines on log or linear axes, points with a Pareto front, and the roofline.

mod bars;
mod figure;
mod frame;
mod labels;
mod lines;
mod roof;
mod scatter;

pub(super) use bars::{Bar, BarKind, bars};
pub(super) use frame::{Axes, Scale};
pub(super) use lines::{Series, lines};
pub(super) use roof::{UnderRoof, roof};
pub(super) use scatter::{Mark, scatter};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roofline::Limits;

    #[test]
    fn every_plot_names_itself_and_tells_its_numbers() {
        let picture = bars("a", "Times", "ms", &[Bar::new("first", 3.0), Bar::new("second", 12.0)]);
        assert!(picture.contains("<figcaption>Times</figcaption>"), "{picture}");
        for canvas in ["wide", "narrow"] {
            assert!(picture.contains(&format!("<title id=\"a-{canvas}-t\">Times</title>")), "{picture}");
        }
        assert!(picture.contains("second: 12.0 ms"), "{picture}");
        let axes = Axes { x: Scale::log("n"), y: Scale::log("ms"), zero: false };
        let two =
            [Series::new("up", vec![[1.0, 1.0], [10.0, 20.0]]), Series::new("down", vec![[1.0, 9.0], [10.0, 2.0]])];
        let picture = lines("b", "Growth", axes, &two);
        assert!(picture.contains("up: 1.00 at 1.00, 20.0 at 10.0; down: 9.00 at 1.00, 2.00 at 10.0"), "{picture}");
        assert!(picture.contains("<li class=\"s1\">down</li>") && !picture.contains("NaN") && !picture.contains("inf"));
        let stage = UnderRoof { name: "stage".into(), intensity: 30.0, rate: 90.0 };
        let picture = roof("c", Limits { peak_gflops: 200.0, read_gb_s: 20.0 }, &[stage]);
        assert!(
            picture.contains("ridge at 10.0 operations per byte")
                && picture.contains("<ol class=\"key\"><li>stage</li>")
        );
    }
}
