//! `design --report`: a page of designs.

use std::fs;

use crate::program::{example, fastmpnn, records};

#[test]
fn the_designs_are_printed_and_a_page_of_them_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let name = path.to_str().unwrap();
    let run = ["design", &example("5L33.pdb"), "-n", "3", "-q", "--report", name];
    let printed = fastmpnn(&run).success();
    let page = fs::read_to_string(&path).unwrap();
    // A checkout without Node has tables instead of the page's data.
    let plain = page.replace("<mark>", "").replace("</mark>", "");
    for (_, sequence) in records(&printed) {
        assert!(plain.contains(sequence), "no {sequence}");
    }
    assert!(page.contains("default-src 'none'") && page.trim_end().ends_with("</html>"));
    // Again, over the former one; nothing else is left.
    fastmpnn(&run).success();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_report_that_cannot_be_is_refused() {
    let file = example("5L33.pdb");
    let error = fastmpnn(&["design", &file, "--report", "report.txt"]).failure(2);
    assert!(error.contains("--report report.txt: a file that ends in .html"), "{error}");
    let error = fastmpnn(&["design", &file, "--report", "r.html", "-o", "x", "--table", "csv"]).failure(2);
    assert!(error.contains("--report shows the designs of one run"), "{error}");
}
