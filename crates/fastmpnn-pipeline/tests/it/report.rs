//! Reports of designs.

use std::fs;
use std::path::Path;

use fastmpnn_pipeline::design;
use fastmpnn_pipeline::event::DesignResult;
use fastmpnn_pipeline::fastmpnn::chemistry::sequence_string;
use fastmpnn_pipeline::output::{ReportForm, ReportPage};
use fastmpnn_pipeline::request::DesignRequest;
use fastmpnn_report::Template;
use serde_json::Value;

use crate::collector::{Collector, example, with_resources};

/// A report is at most so large for 100 designs of 106 residues, bytes.
const MOST_OF_100: u64 = 1_500_000;

fn request(inputs: &[&str], report: &Path) -> DesignRequest {
    let mut request = DesignRequest::default();
    request.input.inputs = inputs.iter().map(|name| example(name)).collect();
    request.report = Some(report.to_owned());
    request
}

fn form(page: ReportPage) -> ReportForm {
    let mut form = ReportForm::default();
    form.page = page;
    form
}

/// A page with data and nothing else.
fn bare() -> ReportPage {
    ReportPage::Template(Template::of("<main></main>\n<!-- data -->\n").unwrap())
}

fn made(request: &DesignRequest, form: ReportForm) -> Vec<DesignResult> {
    let mut heard = Collector::default();
    with_resources(|resources| {
        resources.report = form;
        design(request, resources, &mut heard)
    })
    .unwrap();
    heard.designs
}

/// The blocks of data of a report.
fn blocks(path: &Path) -> Vec<(String, Value)> {
    let text = fs::read_to_string(path).unwrap();
    let of_block = |part: &str| {
        let (kind, rest) = part.split_once("\">").unwrap();
        let (data, _) = rest.split_once("</script>").unwrap();
        (kind.to_owned(), serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}")))
    };
    text.split("<script type=\"application/json\" data-kind=\"").skip(1).map(of_block).collect()
}

fn of_kind<'b>(blocks: &'b [(String, Value)], kind: &str) -> Vec<&'b Value> {
    blocks.iter().filter(|(name, _)| name == kind).map(|(_, data)| data).collect()
}

#[test]
fn one_file_holds_the_designs_of_all_structures_with_all_that_a_page_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.html");
    let mut request = request(&["5L33.pdb", "nosuch.pdb", "4GYT.pdb"], &path);
    request.sampling.num_seqs = 2;
    request.residues.fix = vec!["A5-9".to_owned()];
    let designs = made(&request, form(bare()));
    let blocks = blocks(&path);
    let kinds: Vec<&str> = blocks.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["run", "structure", "designs", "structure", "designs", "end"]);
    assert_eq!(blocks[0].1["network"], "v_48_020");
    let first = &blocks[1].1;
    assert_eq!(first["structure"]["name"], "5L33");
    assert_eq!(first["structure"]["chains"][0]["residues"].as_array().unwrap().len(), 106);
    assert_eq!(first["settings"], serde_json::json!({ "num_seqs": 2, "fix": ["A5-9"] }));
    assert_eq!(first["designed"].as_str().unwrap().matches('0').count(), 5);
    assert!(first["picture"]["text"].as_str().unwrap().contains("ATOM "));
    let heat = first["probabilities"].as_array().unwrap();
    assert_eq!(heat.len(), 106);
    for row in heat {
        let sum: u64 = row.as_array().unwrap().iter().map(|parts| parts.as_u64().unwrap()).sum();
        // The rest is X and what rounding takes.
        assert!(row.as_array().unwrap().len() == 20 && (9_900..=10_010).contains(&sum), "{row}");
    }
    let shown: Vec<&Value> =
        of_kind(&blocks, "designs").into_iter().flat_map(|list| list.as_array().unwrap()).collect();
    assert_eq!(shown.len(), designs.len());
    for (shown, made) in shown.iter().zip(&designs) {
        assert_eq!(shown["sequence"], sequence_string(&made.design.sequence));
        assert!((shown["score"].as_f64().unwrap() - made.measures.score.unwrap()).abs() < 1e-6);
        let p: Vec<f64> = shown["p"].as_array().unwrap().iter().map(|parts| parts.as_f64().unwrap() / 1e3).collect();
        assert_eq!(p.len(), made.design.sequence.len());
        for (p, nll) in p.iter().zip(&made.design.negative_log_likelihood) {
            assert!((p - f64::from((-nll).exp())).abs() <= 5.1e-4, "{p} {nll}");
        }
    }
    let end = &blocks[5].1;
    assert!(end["failed"][0]["error"].as_str().unwrap().contains("cannot be read"), "{end}");
    assert_eq!((&end["stopped"], &end["designs_left_out"]), (&Value::Bool(false), &0.into()));
}

#[test]
fn a_folder_takes_a_file_of_each_structure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports");
    made(&request(&["5L33.pdb", "6MRR.pdb"], &path), form(bare()));
    for name in ["5L33", "6MRR"] {
        let blocks = blocks(&path.join(format!("{name}.html")));
        assert_eq!(of_kind(&blocks, "structure")[0]["structure"]["name"], name);
        assert_eq!((of_kind(&blocks, "designs").len(), of_kind(&blocks, "end").len()), (1, 1));
    }
}

#[test]
fn a_report_ends_at_its_largest_size_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.html");
    let mut request = request(&["5L33.pdb", "6MRR.pdb"], &path);
    request.sampling.num_seqs = 3;
    let limited = |page: ReportPage, most_bytes: u64| {
        let mut small = form(page);
        small.most_bytes = most_bytes;
        made(&request, small);
    };
    // There is room for the first structure, which passes the limit.
    limited(bare(), 2000);
    let blocks = blocks(&path);
    assert_eq!(of_kind(&blocks, "structure").len(), 1);
    let end = of_kind(&blocks, "end")[0];
    assert_eq!((&end["designs_left_out"], &end["structures_left_out"]), (&6.into(), &1.into()));
    limited(ReportPage::Plain, 1);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("6 more designs and 2 structures are left out: a report ends at "), "{text}");
}

#[test]
fn a_program_without_the_page_writes_tables_and_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.html");
    let mut request = request(&["4GYT.pdb"], &path);
    request.sampling.num_seqs = 2;
    let designs = made(&request, form(ReportPage::Plain));
    let text = fs::read_to_string(&path).unwrap();
    for part in ["make report", "<h2>4GYT</h2>", "num_seqs 2", "default-src 'none'", "</html>"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<script"));
    let rows: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with("<tr><td>"))
        .map(|row| row.replace("<mark>", "").replace("</mark>", "").replace(" / ", ""))
        .collect();
    assert_eq!(rows.len(), 3);
    for (row, made) in rows[1..].iter().zip(&designs) {
        assert!(row.contains(&sequence_string(&made.design.sequence)), "{row}");
    }
}

#[test]
fn a_run_that_is_stopped_leaves_a_report_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stopped.html");
    let mut request = request(&["5L33.pdb"], &path);
    request.sampling.num_seqs = 64;
    let mut heard = Collector { stop_at: Some("advanced"), ..Collector::default() };
    with_resources(|resources| {
        resources.report = form(bare());
        design(&request, resources, &mut heard)
    })
    .unwrap();
    let blocks = blocks(&path);
    assert_eq!(of_kind(&blocks, "end")[0]["stopped"], true);
    let shown: usize = of_kind(&blocks, "designs").iter().map(|list| list.as_array().unwrap().len()).sum();
    assert_eq!(shown, heard.designs.len());
}

#[test]
fn a_hundred_designs_of_a_small_protein_are_a_small_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hundred.html");
    let mut request = request(&["5L33.pdb"], &path);
    request.sampling.num_seqs = 100;
    made(&request, form(bare()));
    let data = fs::metadata(&path).unwrap().len();
    // With what the page itself may take.
    assert!(data + 900_000 < MOST_OF_100, "{data} bytes of data");
    request.report = Some(folder.path().join("page.html"));
    made(&request, ReportForm::default());
    let whole = fs::metadata(folder.path().join("page.html")).unwrap().len();
    assert!(whole < MOST_OF_100, "{whole} bytes");
}

#[test]
fn what_no_report_can_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |request: &DesignRequest| {
        let error = with_resources(|resources| design(request, resources, &mut Collector::default()));
        error.map(drop).unwrap_err().to_string()
    };
    let text = refused(&request(&["5L33.pdb"], &folder.path().join("report.txt")));
    assert!(text.contains("a file that ends in .html"), "{text}");
    let text = refused(&request(&["5L33.pdb"], &folder.path().join("nowhere/report.html")));
    assert!(text.contains("nowhere"), "{text}");
    let mut dataset = request(&["5L33.pdb"], &folder.path().join("report.html"));
    dataset.folder.out = Some(folder.path().join("set"));
    dataset.dataset.table = Some(fastmpnn_pipeline::table::TableFormat::Csv);
    let text = refused(&dataset);
    assert!(text.contains("report shows the designs of one run"), "{text}");
}
