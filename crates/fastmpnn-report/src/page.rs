//! A page with blocks of data.

use std::io::{self, Read, Write};

use flate2::read::GzDecoder;
use serde::Serialize;

use crate::counted::Counted;
use crate::escape::{ScriptSafe, html_escaped};

/// Where the data go.
const MARK: &str = "<!-- data -->";

/// The page as it was built; empty where it was not.
static BUILT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/report.html.gz"));

/// A page without data.
#[derive(Clone, Debug)]
pub struct Template {
    /// What comes before the data.
    head: String,
    /// What comes after them: the script, which reads them.
    tail: String,
}

impl Template {
    /// The page that was embedded; `None` in a program that was built without it.
    pub fn built() -> Option<Template> {
        let mut text = String::new();
        // What was packed in the build can be unpacked.
        GzDecoder::new(BUILT).read_to_string(&mut text).ok()?;
        Template::of(&text)
    }

    /// A page of HTML with one place for data, `<!-- data -->`; `None` where there is none.
    pub fn of(html: &str) -> Option<Template> {
        let (head, tail) = html.split_once(MARK)?;
        Some(Template { head: head.to_owned(), tail: tail.to_owned() })
    }
}

/// A page that is being written.
#[derive(Debug)]
pub struct Page<W> {
    out: Counted<W>,
    tail: String,
}

impl<W: Write> Page<W> {
    /// Writes what comes before the data.
    pub fn begin(out: W, template: Template) -> io::Result<Page<W>> {
        let mut out = Counted::new(out);
        out.write_all(template.head.as_bytes())?;
        Ok(Page { out, tail: template.tail })
    }

    /// Writes data of a kind.
    pub fn block(&mut self, kind: &str, data: &impl Serialize) -> io::Result<()> {
        write!(self.out, "<script type=\"application/json\" data-kind=\"{}\">", html_escaped(kind))?;
        serde_json::to_writer(ScriptSafe(&mut self.out), data)?;
        self.out.write_all(b"</script>\n")
    }

    /// The bytes so far, those that [`end`](Page::end) adds included.
    pub fn bytes(&self) -> u64 {
        self.out.bytes() + self.tail.len() as u64
    }

    /// Writes the script.
    pub fn end(mut self) -> io::Result<W> {
        self.out.write_all(self.tail.as_bytes())?;
        Ok(self.out.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_between_head_and_script_and_their_bytes_are_counted() {
        let mut page = Page::begin(Vec::new(), Template::of("HEAD<!-- data -->TAIL").unwrap()).unwrap();
        page.block("a", &["</script>"]).unwrap();
        page.block("b", &1).unwrap();
        let bytes = page.bytes();
        let text = String::from_utf8(page.end().unwrap()).unwrap();
        assert_eq!(bytes, text.len() as u64);
        assert!(text.starts_with("HEAD<script") && text.ends_with("</script>\nTAIL"), "{text}");
        assert_eq!(text.matches("</script>").count(), 2);
    }

    #[test]
    fn a_page_without_a_place_for_data_is_no_template() {
        assert!(Template::of("<p>nothing</p>").is_none());
    }

    #[test]
    fn what_was_built_is_small_and_asks_for_nothing_from_outside() {
        let Some(Template { head, tail }) = Template::built() else { return };
        let page = format!("{head}{tail}");
        assert!(page.len() < 900_000, "{} bytes", page.len());
        let policy = "default-src 'none'; script-src 'sha256-";
        assert!(head.contains(policy), "the page has no strict policy");
        assert!(!head.contains("unsafe-eval") && !head.contains("unsafe-inline"), "the policy is loose");
        for outside in ["src=\"http", "href=\"http", "url(http", "@import"] {
            assert!(!page.contains(outside), "{outside} asks for something from outside");
        }
    }
}
