//! Sequence logos.

use std::ops::Range;

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::structure::ResidueId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::letters::{color, outline};
use super::residue_rows::{CELL, ResidueRows};
use super::svg::{document, heading, number, put, text_width};

/// The amino acids: all letters but X.
const AMINO_ACIDS: usize = VOCABULARY - 1;
/// The space left of the letters, px.
const LEFT: f64 = 34.0;
/// The height of a row's letters, px.
const TALL: f64 = 84.0;
/// Letters lower than this cannot be read, px.
const LOWEST: f64 = 1.5;

/// The height of a logo's letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum LogoAxis {
    /// p · (log2 20 − entropy), bits: conserved residues are tall.
    #[default]
    Bits,
    /// p.
    Probability,
}

/// A sequence logo: at each residue the amino acids, the likeliest on top.
#[derive(Clone, Copy, Debug)]
pub struct Logo<'a> {
    /// What stands above the picture.
    pub title: &'a str,
    /// What is to be said below the title.
    pub note: &'a str,
    /// `[N]`
    pub residues: &'a [ResidueId],
    /// The native letters, written below the logo. `[N]`
    pub native: &'a [Letter],
    /// Whether a residue is shown in full color; the others are pale. `[N]`
    pub designed: &'a [bool],
    /// Probabilities of the letters, or their frequencies; X is left out, and the others are scaled to the sum 1. Where a
    /// residue has none, it is left empty. `[N, V]`
    pub probabilities: &'a [[f32; VOCABULARY]],
    /// What the height of letters is.
    pub axis: LogoAxis,
}

/// The letters of a residue.
struct Column {
    /// p of each amino acid.
    p: [f64; AMINO_ACIDS],
    /// log2 20 − entropy, bits.
    information: f64,
}

impl Column {
    fn new(probabilities: &[f32; VOCABULARY]) -> Column {
        let mut p: [f64; AMINO_ACIDS] = std::array::from_fn(|letter| f64::from(probabilities[letter]));
        p.iter_mut().filter(|p| !p.is_finite() || **p < 0.0).for_each(|p| *p = 0.0);
        let total: f64 = p.iter().sum();
        if total <= 0.0 {
            return Column { p: [0.0; AMINO_ACIDS], information: 0.0 };
        }
        p.iter_mut().for_each(|p| *p /= total);
        let entropy: f64 = p.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum();
        Column { p, information: (most_bits() - entropy).max(0.0) }
    }

    /// The amino acids, the likeliest last.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..AMINO_ACIDS).collect();
        order.sort_by(|&one, &other| self.p[one].total_cmp(&self.p[other]));
        order
    }
}

/// The information of a residue that can be one amino acid only, bits.
fn most_bits() -> f64 {
    (AMINO_ACIDS as f64).log2()
}

impl Logo<'_> {
    /// The picture as an SVG file.
    pub fn svg(&self) -> String {
        let rows = ResidueRows::new(self.residues);
        let pale =
            if self.designed.iter().all(|&designed| designed) { "" } else { "Pale: residues that are not designed." };
        let notes: Vec<&str> = [self.note, pale].into_iter().filter(|note| !note.is_empty()).collect();
        let note = notes.join(" ");
        let (mut body, above) = heading(self.title, &note);
        let mut top = above + 10.0;
        for row in rows.rows() {
            let wide = row.len() as f64 * CELL;
            body.push_str(&self.axis(top, wide));
            for index in row.clone() {
                body.push_str(&self.column(&rows, index, LEFT + (index - row.start) as f64 * CELL, top + TALL));
            }
            body.push_str(&self.native_letters(&row, top + TALL + 12.0));
            body.push_str(&rows.ticks(&row, LEFT, top + TALL + 15.0));
            body.push_str(&rows.breaks(&row, LEFT, top - 2.0, TALL + 16.0));
            top += TALL + 44.0;
        }
        let width = (LEFT + rows.width() + 4.0).max(text_width(&note, 11.0)).max(text_width(self.title, 13.0));
        document(width, (top - 12.0).max(20.0), self.title, &body)
    }

    /// The height of a letter, px a unit of the axis, and the marks of the axis with their names.
    fn scale(&self) -> (f64, [(f64, &'static str); 3], &'static str) {
        match self.axis {
            LogoAxis::Bits => (TALL / most_bits(), [(0.0, "0"), (2.0, "2"), (4.0, "4")], "bits"),
            LogoAxis::Probability => (TALL, [(0.0, "0"), (0.5, "0.5"), (1.0, "1")], "probability"),
        }
    }

    fn axis(&self, top: f64, wide: f64) -> String {
        let (unit, marks, name) = self.scale();
        let (mut lines, mut texts) = (String::new(), String::new());
        for (value, text) in marks {
            let y = top + TALL - value * unit;
            put(&mut lines, format_args!("M{} {}h{}", number(LEFT - 3.0), number(y), number(wide + 3.0)));
            put(&mut texts, format_args!("<text x=\"{}\" y=\"{}\">{text}</text>", number(LEFT - 6.0), number(y + 3.5)));
        }
        let middle = number(top + TALL / 2.0);
        format!(
            "<path d=\"{lines}\" stroke=\"currentColor\" stroke-opacity=\"0.22\" fill=\"none\"/>\n\
             <g font-size=\"10\" fill=\"currentColor\" fill-opacity=\"0.8\" text-anchor=\"end\">{texts}</g>\n\
             <text x=\"9\" y=\"{middle}\" font-size=\"10\" fill=\"currentColor\" fill-opacity=\"0.8\" \
             text-anchor=\"middle\" transform=\"rotate(-90 9 {middle})\">{name}</text>\n"
        )
    }

    /// The letters of a residue, the least likely at the bottom.
    fn column(&self, rows: &ResidueRows<'_>, index: usize, x: f64, bottom: f64) -> String {
        let column = Column::new(&self.probabilities[index]);
        let order = column.order();
        let (unit, ..) = self.scale();
        let factor = match self.axis {
            LogoAxis::Bits => column.information * unit,
            LogoAxis::Probability => unit,
        };
        let letters: Vec<Letter> = Letter::all().collect();
        let mut paths = String::new();
        let mut y = bottom;
        for &letter in &order {
            let tall = column.p[letter] * factor;
            y -= tall;
            if tall < LOWEST {
                continue;
            }
            let (wide, height) = ((CELL - 1.0) / 100.0, tall / 100.0);
            put(
                &mut paths,
                format_args!(
                    "<path fill=\"{}\" transform=\"matrix({wide} 0 0 {height:.4} {} {})\" d=\"{}\"/>",
                    color(letters[letter].to_char()),
                    number(x + 0.5),
                    number(y),
                    outline(letters[letter])
                ),
            );
        }
        let pale = if self.designed[index] { "" } else { " opacity=\"0.4\"" };
        let mut tip = format!("{}: ", rows.label(index));
        if column.p.iter().all(|&p| p == 0.0) {
            tip.push_str("no letters");
        } else {
            let likely = order.iter().rev().take(3).filter(|&&letter| column.p[letter] > 0.0);
            for &letter in likely {
                put(&mut tip, format_args!("{} {:.0} %, ", letters[letter].to_char(), 100.0 * column.p[letter]));
            }
            put(&mut tip, format_args!("{:.2} bits", column.information));
        }
        let tip = super::svg::escaped(&tip);
        format!("<g fill-rule=\"evenodd\"{pale}><title>{tip}</title>{paths}</g>\n")
    }

    fn native_letters(&self, row: &Range<usize>, y: f64) -> String {
        let y = number(y);
        let mut texts = String::new();
        for index in row.clone() {
            let x = number(LEFT + ((index - row.start) as f64 + 0.5) * CELL);
            put(&mut texts, format_args!("<text x=\"{x}\" y=\"{y}\">{}</text>", self.native[index].to_char()));
        }
        format!(
            "<text x=\"{}\" y=\"{y}\" font-size=\"9\" fill=\"currentColor\" fill-opacity=\"0.8\" \
             text-anchor=\"end\">native</text>\n\
             <g class=\"mono\" font-size=\"10.5\" fill=\"currentColor\" text-anchor=\"middle\">{texts}</g>\n",
            number(LEFT - 4.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn information_is_that_of_the_amino_acids() {
        let mut certain = [0.0; VOCABULARY];
        certain[3] = 0.5;
        certain[VOCABULARY - 1] = 0.5;
        let column = Column::new(&certain);
        assert!((column.information - 20.0_f64.log2()).abs() < 1e-12 && column.p[3] == 1.0);
        assert!(Column::new(&[0.3; VOCABULARY]).information.abs() < 1e-12);
        assert_eq!(Column::new(&[f32::NAN; VOCABULARY]).p, [0.0; AMINO_ACIDS]);
        assert_eq!(column.order().last(), Some(&3));
    }
}
