//! A small writer of SVG: shapes with classes, so that the page's colors hold in light, dark and print.

use std::fmt::Write as _;

/// Text escaped for markup.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A picture that is being drawn.
#[derive(Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

/// How a text is aligned to its point.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    /// Begins there.
    Start,
    /// Is centered there.
    Middle,
    /// Ends there.
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// Writing to a String cannot fail.
macro_rules! put {
    ($svg:expr, $($part:tt)*) => {{
        let _ = write!($svg.body, $($part)*);
    }};
}

impl Svg {
    /// An empty picture.
    pub fn new(width: f64, height: f64) -> Svg {
        Svg { width, height, body: String::new() }
    }

    /// A line between two points.
    pub fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        put!(self, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
    }

    /// A rectangle with slightly rounded corners.
    pub fn rect(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        put!(
            self,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"2\"/>",
            width.max(0.0)
        );
    }

    /// A point with a tooltip.
    pub fn dot(&mut self, class: &str, [x, y]: [f64; 2], tip: &str) {
        let tip = escape(tip);
        put!(self, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"><title>{tip}</title></circle>");
    }

    /// A line through points.
    pub fn path(&mut self, class: &str, points: &[[f64; 2]]) {
        let commands: Vec<String> = points
            .iter()
            .enumerate()
            .map(|(index, [x, y])| format!("{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" }))
            .collect();
        put!(self, "<path class=\"{class}\" d=\"{}\"/>", commands.join(" "));
    }

    /// A text.
    pub fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let (anchor, text) = (anchor.name(), escape(text));
        put!(self, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
    }

    /// The markup. `id` must be unique in its page; title and description are for screen readers.
    pub fn finish(self, id: &str, title: &str, description: &str) -> String {
        let Svg { width, height, body } = self;
        let (title, description) = (escape(title), escape(description));
        format!(
            "<svg viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{description}</desc>{body}</svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_break_out_of_the_markup() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.text("t", [1.0, 2.0], Anchor::Start, "<script>");
        let markup = svg.finish("p", "a < b", "\"quoted\" & more");
        assert!(markup.contains("a &lt; b") && markup.contains("&quot;quoted&quot; &amp; more"));
        assert!(markup.contains("&lt;script&gt;") && !markup.contains("<script>"));
    }
}
