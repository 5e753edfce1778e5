//! The SVG element, and text within it.

use std::fmt::Write;

/// Colors of the page and of text; those of a dark theme where the reader's program has one.
const STYLE: &str = "svg{color:#1f2328}.page{fill:#ffffff}\
@media (prefers-color-scheme:dark){svg{color:#e6e6e6}.page{fill:#1e1e1e}}\
.mono{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}";

/// The space around a picture, px.
const MARGIN: f64 = 12.0;

/// A picture of a size (px) as a file of its own. `title` is for readers who do not see it.
pub(super) fn document(width: f64, height: f64, title: &str, body: &str) -> String {
    let (wide, tall) = (number(width + 2.0 * MARGIN), number(height + 2.0 * MARGIN));
    let (title, margin) = (escaped(title), number(MARGIN));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {tall}\" width=\"{wide}\" height=\"{tall}\" \
         role=\"img\" aria-label=\"{title}\" font-family=\"system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif\">\
         \n<title>{title}</title>\n<style>{STYLE}</style>\n<rect class=\"page\" width=\"{wide}\" height=\"{tall}\"/>\n\
         <g transform=\"translate({margin} {margin})\">\n{body}</g>\n</svg>\n"
    )
}

/// Title and note above a picture, and their height, px.
pub(super) fn heading(title: &str, note: &str) -> (String, f64) {
    let (mut text, mut height) = (String::new(), 0.0);
    if !title.is_empty() {
        height += 18.0;
        put(&mut text, format_args!("<text y=\"13\" font-size=\"13\" font-weight=\"600\" fill=\"currentColor\">"));
        put(&mut text, format_args!("{}</text>\n", escaped(title)));
    }
    if !note.is_empty() {
        height += 16.0;
        let y = number(height - 4.0);
        put(
            &mut text,
            format_args!("<text y=\"{y}\" font-size=\"11\" fill=\"currentColor\">{}</text>\n", escaped(note)),
        );
    }
    (text, height)
}

/// Text as SVG may hold it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no form for them.
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A length in px with two decimals at most.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A generous guess of the width of text, px: fonts differ.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    0.6 * size * text.chars().count() as f64
}

/// Appends to a text, which cannot fail.
pub(super) fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_text_is_escaped() {
        let numbers = [1.0, 0.5, -0.001, 12.345, 100.0].map(number);
        assert_eq!(numbers, ["1", "0.5", "0", "12.35", "100"]);
        assert_eq!(escaped("a<b> & \"c\"\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}");
    }
}
