//! Tests of the checks themselves, on small made-up source trees.

use std::collections::BTreeSet;
use std::path::Path;

use super::sources::{Uses, uses_of};
use super::{circles_of, uses_of_later_stages};

/// The uses of a crate with those files.
fn tree(files: &[(&str, &str)]) -> Uses {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    uses_of(&folder.path().join("lib.rs"))
}

fn used<'u>(uses: &'u Uses, file: &str) -> BTreeSet<&'u str> {
    uses[Path::new(file)].iter().map(|path| path.to_str().expect("a plain name")).collect()
}

/// Two stages; the second reads the first by every kind of path.
const PLAIN: [(&str, &str); 6] = [
    ("lib.rs", "pub mod first; pub mod second; pub mod error;"),
    ("error.rs", "pub struct Error;"),
    ("first/mod.rs", "mod inner; mod other; pub use inner::{Thing, make}; pub use other::Other as Renamed;"),
    (
        "first/inner.rs",
        "use crate::error::Error; pub struct Thing; pub fn make() -> Result<Thing, Error> { Ok(Thing) }",
    ),
    ("first/other.rs", "use super::Thing; pub struct Other(Thing);"),
    (
        "second.rs",
        "use crate::{error::Error, first::{self, Renamed}}; pub fn f() -> Result<Renamed, Error> { todo!() }",
    ),
];

fn with(file: &str, text: &str) -> Uses {
    let mut files = PLAIN.to_vec();
    files.retain(|(name, _)| *name != file);
    files.push((file, text));
    tree(&files)
}

#[test]
fn paths_lead_to_the_files_that_define_their_items() {
    let uses = tree(&PLAIN);
    assert_eq!(used(&uses, "first/inner.rs"), BTreeSet::from(["error.rs"]));
    assert_eq!(used(&uses, "first/other.rs"), BTreeSet::from(["first/inner.rs"]));
    // Re-exporting an item is not a use of it, and naming a module is not a use until an item of it is named.
    assert_eq!(used(&uses, "first/mod.rs"), BTreeSet::new());
    assert_eq!(used(&uses, "second.rs"), BTreeSet::from(["error.rs", "first/other.rs"]));
    assert!(circles_of(&uses).is_empty());
    assert!(uses_of_later_stages(&uses, &["first", "second"]).is_empty());
}

#[test]
fn paths_in_code_count_as_imports_do() {
    for code in [
        "pub fn f() { let _ = crate::second::f(); }",
        "pub fn f() -> crate::second::G { todo!() }",
        "pub fn f() { assert!(matches!(super::super::second::f(), Ok(_))); }",
        "pub fn f() { use crate::second::{self, f as g}; g().ok(); }",
        "use crate::second; pub fn f() { second::f(); }",
        "pub struct S(Vec<Option<crate::second::G>>);",
        "mod inner_most { pub fn f() { super::super::super::second::f(); } }",
        "use crate::*; pub fn f() { second::f(); }",
    ] {
        let mut files = PLAIN.to_vec();
        let second = "pub struct G; pub fn f() -> Option<G> { None }";
        files.retain(|(name, _)| !["first/other.rs", "first/mod.rs", "second.rs"].contains(name));
        files.extend([("first/mod.rs", "mod inner; mod other;"), ("first/other.rs", code), ("second.rs", second)]);
        let wrong = uses_of_later_stages(&tree(&files), &["first", "second"]);
        assert_eq!(wrong, ["first/other.rs uses second.rs"], "{code}");
    }
}

#[test]
fn circles_are_found_within_a_stage_and_across() {
    let planted = with("first/inner.rs", "use super::Renamed; pub struct Thing; pub fn make(_: Renamed) {}");
    assert_eq!(circles_of(&planted), ["first/inner.rs -> first/other.rs -> first/inner.rs"]);
    // A parent that defines what its child uses, and uses the child.
    let parent = "mod inner; mod other; pub use inner::Thing; use other::Other; pub struct Renamed(Other);";
    let mut files = PLAIN.to_vec();
    files.retain(|(name, _)| !name.starts_with("first/mod"));
    files.push(("first/mod.rs", parent));
    files.retain(|(name, _)| *name != "first/other.rs");
    files.push(("first/other.rs", "use super::Renamed; pub struct Other; pub fn f(_: Renamed) {}"));
    assert_eq!(circles_of(&tree(&files)), ["first/mod.rs -> first/other.rs -> first/mod.rs"]);
    // Three files long.
    let long = with("error.rs", "pub type Error = Result<u8, crate::second::Long>;");
    assert!(circles_of(&long).is_empty(), "nothing is called Long");
    let long = with("error.rs", "pub fn error() { crate::second::f(); } pub struct Error;");
    assert_eq!(circles_of(&long), ["error.rs -> second.rs -> error.rs"]);
}

#[test]
fn code_for_tests_may_use_what_it_likes() {
    let text =
        "pub struct Thing; pub fn make() {} #[cfg(test)] mod tests { use crate::second; fn f() { second::f(); } }";
    assert_eq!(used(&with("first/inner.rs", text), "first/inner.rs"), BTreeSet::new());
    let text = "pub struct Thing; #[cfg(test)] use crate::second::f; #[cfg(any(test, unix))] pub fn make() { f(); }";
    assert_eq!(used(&with("first/inner.rs", text), "first/inner.rs"), BTreeSet::new());
}
