//! Pages that work from the disk, without a network: one HTML file with its script, its styles and its data.
//!
//! The page is made from `web` and embedded when this crate is built ([`Template::built`]). A checkout without Node has no
//! such page, and callers then write a plain one. Data are blocks of JSON in the order in which they are written.
//!
//! ```
//! use fastmpnn_report::{Page, Template};
//!
//! let template = Template::of("<h1>Report</h1>\n<!-- data -->\n<script>…</script>").unwrap();
//! let mut page = Page::begin(Vec::new(), template).unwrap();
//! page.block("title", &"a < b").unwrap();
//! let bytes = page.end().unwrap();
//! assert!(String::from_utf8(bytes).unwrap().contains(r#"<script type="application/json" data-kind="title">"a \u003c b"</script>"#));
//! ```

mod counted;
mod escape;
mod page;
mod policy;

pub use counted::Counted;
pub use escape::{ScriptSafe, html_escaped};
pub use page::{Page, Template};
pub use policy::policy;

/// A script that sorts, filters and saves the tables of a page of HTML; `None` in a program that was built without Node.
pub fn table_script() -> Option<&'static str> {
    Some(include_str!(concat!(env!("OUT_DIR"), "/tables.js"))).filter(|script| !script.is_empty())
}
