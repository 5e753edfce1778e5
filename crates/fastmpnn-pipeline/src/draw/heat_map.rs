//! Heat maps of letters over residues.

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::structure::ResidueId;

use super::letters::{GROUPED, color};
use super::residue_rows::{CELL, ResidueRows};
use super::svg::{document, escaped, heading, number, put, text_width};

/// Above zero.
const HIGH_COLOR: &str = "#2f86d6";
/// Below zero.
const LOW_COLOR: &str = "#dc5200";
/// Shades of a color. Zero has none, so it is the page's color in every theme.
const LEVELS: i32 = 12;
/// The height of a letter's row, px.
const TALL: f64 = 12.0;
/// The width of the letters' names, px.
const LEFT: f64 = 20.0;

/// What single mutations do to ln p: residues from left to right, the twenty amino acids from top to bottom.
#[derive(Clone, Copy, Debug)]
pub struct HeatMap<'a> {
    /// What stands above the picture.
    pub title: &'a str,
    /// `[M]`
    pub residues: &'a [ResidueId],
    /// The native letters, which get dots. `[M]`
    pub native: &'a [Letter],
    /// ln p of each letter minus ln p of the native one, nats; no number (NaN) is gray. `[M, V]`
    pub change: &'a [[f32; VOCABULARY]],
    /// The change, nats, from which on colors stay the same: orange below zero, blue above.
    pub reach: f32,
}

impl HeatMap<'_> {
    /// The picture as an SVG file.
    pub fn svg(&self) -> String {
        let rows = ResidueRows::new(self.residues);
        let (mut body, above) = heading(self.title, "Dots: native letters.");
        let (legend, legend_width) = self.legend(above + 6.0);
        body.push_str(&legend);
        let mut top = above + 28.0;
        let height = TALL * GROUPED.len() as f64;
        for row in rows.rows() {
            body.push_str(&self.panel(&row, top));
            body.push_str(&rows.ticks(&row, LEFT, top + height));
            body.push_str(&rows.breaks(&row, LEFT, top - 3.0, height + 6.0));
            top += height + 28.0;
        }
        let title_width = text_width(self.title, 13.0);
        let width = (LEFT + rows.width() + 4.0).max(legend_width).max(title_width);
        document(width, (top - 10.0).max(20.0), self.title, &body)
    }

    /// −12 … 12, or none without a number.
    fn shade(&self, value: f32) -> Option<i32> {
        let fraction = (value / self.reach).clamp(-1.0, 1.0);
        (!value.is_nan()).then(|| (fraction * LEVELS as f32).round() as i32)
    }

    /// A row of residues: a path for all cells of a shade, a frame, dots at the native letters, and the letters' names.
    fn panel(&self, row: &std::ops::Range<usize>, top: f64) -> String {
        let mut body = String::new();
        let of_letter: Vec<usize> = GROUPED.iter().map(|&letter| place_of(letter)).collect();
        for shade in (-LEVELS..=LEVELS).filter(|&shade| shade != 0).map(Some).chain([None]) {
            let mut cells = String::new();
            for (line, &letter) in of_letter.iter().enumerate() {
                let y = number(top + line as f64 * TALL);
                let is = |index: usize| self.shade(self.change[index][letter]) == shade;
                let mut index = row.start;
                while index < row.end {
                    let run = (index..row.end).take_while(|&index| is(index)).count();
                    if run > 0 {
                        let x = number(LEFT + (index - row.start) as f64 * CELL);
                        let wide = number(run as f64 * CELL);
                        put(&mut cells, format_args!("M{x} {y}h{wide}v{}h-{wide}z", number(TALL)));
                    }
                    index += run.max(1);
                }
            }
            if !cells.is_empty() {
                let paint = paint(shade);
                put(&mut body, format_args!("<path shape-rendering=\"crispEdges\" {paint} d=\"{cells}\"/>\n"));
            }
        }
        let (wide, tall) = (number(row.len() as f64 * CELL), number(TALL * GROUPED.len() as f64));
        put(
            &mut body,
            format_args!(
                "<path d=\"M{LEFT} {}h{wide}v{tall}h-{wide}z\" fill=\"none\" stroke=\"currentColor\" \
                 stroke-opacity=\"0.3\"/>\n",
                number(top)
            ),
        );
        let mut dots = String::new();
        for index in row.clone() {
            if let Some(line) = GROUPED.iter().position(|&letter| letter == self.native[index].to_char()) {
                let x = number(LEFT + ((index - row.start) as f64 + 0.5) * CELL - 2.0);
                let y = number(top + (line as f64 + 0.5) * TALL);
                put(&mut dots, format_args!("M{x} {y}a2 2 0 1 0 4 0a2 2 0 1 0 -4 0z"));
            }
        }
        put(&mut body, format_args!("<path d=\"{dots}\" fill=\"currentColor\"/>\n"));
        put(&mut body, format_args!("<g class=\"mono\" font-size=\"10\" text-anchor=\"end\">"));
        for (line, &letter) in GROUPED.iter().enumerate() {
            let y = number(top + (line as f64 + 0.5) * TALL + 3.5);
            let (x, color) = (number(LEFT - 5.0), color(letter));
            put(&mut body, format_args!("<text x=\"{x}\" y=\"{y}\" fill=\"{color}\">{letter}</text>"));
        }
        body.push_str("</g>\n");
        body
    }

    /// The bar of shades with its ends, and its width, px.
    fn legend(&self, top: f64) -> (String, f64) {
        let values = || self.change.as_flattened().iter().copied().filter(|value| !value.is_nan());
        let below = if values().any(|value| value < -self.reach) { "≤ " } else { "" };
        let above = if values().any(|value| value > self.reach) { "≥ " } else { "" };
        let before = format!("less likely than native {below}−{}", self.reach);
        let after = format!("{above}{} nats (change of ln p) likelier than native", self.reach);
        let start = text_width(&before, 11.0);
        let baseline = number(top + 9.0);
        let mut body = format!(
            "<g font-size=\"11\" fill=\"currentColor\"><text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{}</text>\
             <g shape-rendering=\"crispEdges\">",
            number(start - 5.0),
            escaped(&before)
        );
        for (place, shade) in (-LEVELS..=LEVELS).enumerate().filter(|&(_, shade)| shade != 0) {
            let x = number(start + 6.0 * place as f64);
            let paint = paint(Some(shade));
            let y = number(top);
            put(&mut body, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"6\" height=\"10\" {paint}/>"));
        }
        let wide = 6.0 * f64::from(2 * LEVELS + 1);
        put(
            &mut body,
            format_args!(
                "</g><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"10\" fill=\"none\" stroke=\"currentColor\" \
                 stroke-opacity=\"0.4\"/><text x=\"{}\" y=\"{baseline}\">{}</text>",
                number(start),
                number(top),
                number(wide),
                number(start + wide + 5.0),
                escaped(&after)
            ),
        );
        let mut end = start + wide + 5.0 + text_width(&after, 11.0);
        if self.change.as_flattened().iter().any(|value| value.is_nan()) {
            let (x, y, paint) = (number(end + 12.0), number(top), paint(None));
            put(
                &mut body,
                format_args!(
                    "<rect x=\"{x}\" y=\"{y}\" width=\"10\" height=\"10\" {paint}/>\
                     <text x=\"{}\" y=\"{baseline}\">no value</text>",
                    number(end + 27.0)
                ),
            );
            end += 27.0 + text_width("no value", 11.0);
        }
        body.push_str("</g>\n");
        (body, end)
    }
}

fn paint(shade: Option<i32>) -> String {
    let Some(shade) = shade else { return "fill=\"#808080\" fill-opacity=\"0.45\"".to_owned() };
    let color = if shade > 0 { HIGH_COLOR } else { LOW_COLOR };
    format!("fill=\"{color}\" fill-opacity=\"{}\"", number(f64::from(shade.abs()) / f64::from(LEVELS)))
}

fn place_of(letter: char) -> usize {
    Letter::all().find(|one| one.to_char() == letter).map_or(0, Letter::index)
}
