//! Text in HTML.

use std::borrow::Cow;
use std::io::{self, Write};

/// Writes JSON such that it can stand in a `<script>` of an HTML file: no `</script>`, no `<!--`, and no line separator that
/// is none in JSON. What comes out is JSON of the same value, because the characters that are replaced are found in
/// strings alone.
#[derive(Debug)]
pub struct ScriptSafe<W>(
    /// Where it goes.
    pub W,
);

impl<W: Write> Write for ScriptSafe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// The bytes of a character are not to be divided between two calls; `serde_json` writes strings in whole characters.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut written = 0;
        let mut at = 0;
        while at < bytes.len() {
            let (escaped, width): (&[u8], usize) = match bytes[at..] {
                [b'<', ..] => (b"\\u003c", 1),
                [b'>', ..] => (b"\\u003e", 1),
                [b'&', ..] => (b"\\u0026", 1),
                // U+2028 and U+2029.
                [0xe2, 0x80, 0xa8, ..] => (b"\\u2028", 3),
                [0xe2, 0x80, 0xa9, ..] => (b"\\u2029", 3),
                _ => {
                    at += 1;
                    continue;
                }
            };
            self.0.write_all(&bytes[written..at])?;
            self.0.write_all(escaped)?;
            at += width;
            written = at;
        }
        self.0.write_all(&bytes[written..])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text as HTML shows it, in elements and in attributes with quotes.
pub fn html_escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Cow::Owned(escaped.replace('"', "&quot;").replace('\'', "&#39;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_script_cannot_end_it_and_stays_the_same_value() {
        let value = serde_json::json!({
            "</script><script>alert(1)</script>": ["<!--", "]]>", "&lt;", "\u{2028}\u{2029}\u{2027}", "é\\\"\n", "‼", 1.5, null],
        });
        let mut bytes = Vec::new();
        serde_json::to_writer(ScriptSafe(&mut bytes), &value).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for forbidden in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            assert!(!text.contains(forbidden), "{forbidden:?} in {text}");
        }
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn text_in_html_has_no_markup() {
        assert_eq!(html_escaped("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        assert_eq!(html_escaped("5L33"), "5L33");
    }
}
