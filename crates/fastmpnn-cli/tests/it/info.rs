//! `fastmpnn info`.

use serde_json::Value;

use crate::program::{example, fastmpnn};

#[test]
fn the_report_names_chains_ligands_and_warnings() {
    let out = fastmpnn(&["info", &example("3HTN.pdb")]).success();
    assert!(out.starts_with("3HTN ("), "{out}");
    for part in [
        ": 425 residues in 3 chains, 0 masked; model 1 of 1\n",
        "  B      -      139       43 to 185  1 (4 missing)  0\n",
        "sequence A: NMYSYKKIGNKYIV",
        "ligands: 16 groups, 96 atoms, of which --model ligand sees 96: NI A201 (1), SO4 A202 (5)",
        "residue B104: the numbering skips 100–103 before it: 4 residues are missing",
    ] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
}

#[test]
fn the_map_lists_every_residue() {
    let out = fastmpnn(&["info", "--map", &example("5L33.pdb")]).success();
    let map: Vec<&str> = out.lines().skip_while(|line| !line.contains("index")).collect();
    assert_eq!(map.len(), 1 + 106);
    assert_eq!(map[1].split_whitespace().collect::<Vec<_>>(), ["0", "A-1", "HIS", "H", "0", "-"]);
    assert_eq!(map[106].split_whitespace().collect::<Vec<_>>(), ["105", "A104", "VAL", "V", "105", "-"]);
}

#[test]
fn json_is_one_document_a_line() {
    let out = fastmpnn(&["info", "--json", &example("6MRR.pdb"), &example("4GYT.pdb")]).success();
    let documents: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0]["name"], "6MRR");
    assert_eq!(documents[1]["chains"].as_array().unwrap().len(), 2);
    let run = fastmpnn(&["info", "--json", "nosuch.pdb"]);
    assert_eq!(run.out, "");
    assert!(run.failure(2).starts_with("error: nosuch.pdb: cannot be read: "));
}
