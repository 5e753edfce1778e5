//! Coordinates that no residue has, breaks of the chain, and numbering that skips along an unbroken one.

use fastmpnn::structure::{BackboneAtoms, Gaps, ReadOptions, Structure, read_bytes};

use super::{assert_says, atom, positions, read, residue, warnings};

const NAMES: [&str; 4] = ["N", "CA", "C", "O"];

/// A chain of `count` alanines with CB, on a straight line.
fn chain(count: i32) -> String {
    (1..=count).map(|number| alanine(number, number)).collect()
}

fn alanine(number: i32, index: i32) -> String {
    let site = format!(" ALA A{number:>4} ");
    residue("ATOM", &site, index) + &atom("ATOM", "CB", &site, [3.8 * index as f32 + 1.3, 2.2, 0.0], "C")
}

/// `text` with the atoms of those names and numbers at another place.
fn moved(text: &str, names: &[&str], numbers: std::ops::RangeInclusive<i32>, to: [f32; 3]) -> String {
    let [x, y, z] = to;
    let is_meant = |line: &str| {
        names.contains(&line[12..16].trim()) && numbers.contains(&line[22..26].trim().parse::<i32>().unwrap())
    };
    let place = |line: &str| format!("{}{x:8.3}{y:8.3}{z:8.3}{}\n", &line[..30], &line[54..]);
    text.lines().map(|line| if is_meant(line) { place(line) } else { format!("{line}\n") }).collect()
}

#[test]
fn coordinates_that_no_residue_has_are_named_once_with_a_distance() {
    let text = chain(6);
    assert_eq!(warnings(&read(&text)), "");
    let cases = [
        (
            moved(&text, &["N", "CA", "C", "O", "CB"], 2..=4, [0.0; 3]),
            "line 6: residues A2–A4: backbone atoms on one point (N and CA of A2: 0.00 Å); read as they stand\n",
        ),
        (
            moved(&text, &NAMES, 3..=3, [9999.999; 3]),
            "line 11: residue A3: placeholder coordinates in the backbone (N of A3 at 9999.999, 9999.999, \
             9999.999); read as they stand\n",
        ),
        (
            moved(&text, &["O"], 2..=2, [8.9, -31.0, 0.0]),
            "line 6: residue A2: backbone bonds of a length that no residue has (C and O of A2: 31.02 Å); read as they \
             stand\n",
        ),
        (
            moved(&text, &["CB"], 2..=5, [0.0; 3]),
            "line 6: residues A2–A5: side-chain atoms on one point or far from their residue (CA and CB of A5: 20.31 Å); \
             read as they stand\n",
        ),
    ];
    for (text, sentence) in cases {
        let structure = read(&text);
        assert!(structure.residues.iter().all(|residue| residue.backbone().is_some()), "nothing is left out");
        let said: String = warnings(&structure)
            .lines()
            .filter(|line| !line.contains("broken"))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(said, sentence);
    }
}

#[test]
fn everything_at_the_origin_is_one_sentence_of_each_kind() {
    let structure = read(&moved(&chain(40), &["N", "CA", "C", "O", "CB"], 1..=40, [0.0; 3]));
    let sentence =
        "line 1: residues A1–A40: backbone atoms on one point (N and CA of A1: 0.00 Å); read as they stand\n";
    assert_eq!(warnings(&structure), sentence);
    let trace: String = chain(4).lines().filter(|line| line.contains(" CA ")).map(|line| format!("{line}\n")).collect();
    let options = ReadOptions::default().with_needs(BackboneAtoms::Alpha);
    let read_trace = |text: &str| read_bytes("x", text.as_bytes(), &options).unwrap();
    assert_eq!(warnings(&read_trace(&trace)), "");
    let structure = read_trace(&moved(&trace, &["CA"], 1..=4, [0.0; 3]));
    assert_eq!(
        warnings(&structure),
        "line 2: residues A2–A4: the CA atoms of neighbors on one point (CA of A1 and CA of A2: 0.00 Å); read as they stand\n"
    );
}

#[test]
fn large_modified_residues_are_no_fault() {
    // The Schiff base of retinal and lysine is 20 Å long, and the C of some modified residues is not bonded to their CA.
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &residue("HETATM", " LYR A   2 ", 1)
        + &atom("HETATM", "C20", " LYR A   2 ", [5.0, 20.0, 0.0], "C");
    assert_eq!(warnings(&read(&text)), "line 5: residue A2: LYR read as LYS\n");
    // Hydrogens are placed by programs, some of them at the origin.
    let hydrogens =
        chain(9) + &atom("ATOM", "H", " ALA A   9 ", [0.0; 3], "H") + &atom("ATOM", "HA", " ALA A   9 ", [0.0; 3], "H");
    assert_eq!(warnings(&read(&hydrogens)), "");
}

#[test]
fn a_chain_that_is_broken_between_following_numbers_is_named_with_the_distance() {
    // Two chains written as one, as merged binders and targets are.
    let text = chain(2) + &alanine(3, 14) + &alanine(4, 15) + &alanine(5, 30);
    let structure = read(&text);
    assert_eq!(positions(&structure), [0, 1, 2, 3, 4]);
    assert_eq!(
        warnings(&structure),
        "line 11: the chain is broken though its numbering is not: A2 and A3 are 43.1 Å apart (C to N), A4 and A5 are \
         54.5 Å apart (C to N); the networks take them for neighbors\n"
    );
    // Skipped numbers already show the gap.
    let skipped = read(&(chain(2) + &alanine(14, 14)));
    assert_eq!(
        warnings(&skipped),
        "line 11: residue A14: the numbering skips 3–13 before it: 11 residues are missing\n"
    );
    // So do numbers that decrease.
    let fallen = read(&(chain(2) + &alanine(-5, 14)));
    assert!(warnings(&fallen).contains("residue A-5: its number is lower") && !warnings(&fallen).contains("broken"));
    let many: String = (1..=15).map(|number| alanine(number, 3 * number)).collect();
    assert_says(&read(&many), "A11 are 8.9 Å apart (C to N), 4 more; the networks");
}

#[test]
fn breaks_of_traces_are_seen_and_other_bonds_are_no_breaks() {
    let alpha = |number: i32, x: f32| atom("ATOM", "CA", &format!(" ALA A{number:>4} "), [x, 0.0, 0.0], "C");
    let options = ReadOptions::default().with_needs(BackboneAtoms::Alpha);
    let trace = alpha(1, 0.0) + &alpha(2, 3.8) + &alpha(3, 16.2);
    assert_eq!(
        warnings(&read_bytes("x", trace.as_bytes(), &options).unwrap()),
        "line 3: the chain is broken though its numbering is not: A2 and A3 are 12.4 Å apart (CA to CA); the networks \
         take them for neighbors\n"
    );
    // A depsipeptide: the carbonyl carbon is bonded to an oxygen of the next residue's side chain.
    let ester = residue("ATOM", " ALA A   1 ", 0)
        + &residue("ATOM", " SER A   2 ", 2)
        + &atom("ATOM", "OG", " SER A   2 ", [3.8, 0.0, 0.0], "O");
    assert!(!warnings(&read(&ester)).contains("broken"), "{}", warnings(&read(&ester)));
}

#[test]
fn skipped_numbers_along_an_unbroken_chain_count_as_asked() {
    // Numbers 3–5 are skipped along the chain, and 8–9 where it is broken; 2A is an insertion.
    let text = chain(2) + &residue("ATOM", " ALA A   2A", 3) + &alanine(6, 4) + &alanine(7, 5) + &alanine(10, 9);
    let with = |gaps| -> Structure {
        let options = ReadOptions::default().with_gaps(gaps);
        read_bytes("x", text.as_bytes(), &options).unwrap()
    };
    let counted = with(Gaps::Break);
    assert_eq!(positions(&counted), [0, 1, 2, 6, 7, 10]);
    assert_says(
        &counted,
        "residue A6: the numbering skips before it though the chain is unbroken: it counts as a gap\n",
    );
    assert_says(&counted, "residue A10: the numbering skips 8–9 before it: 2 residues are missing");
    let ignored = with(Gaps::Ignore);
    assert_eq!(positions(&ignored), [0, 1, 2, 3, 4, 7]);
    assert_says(&ignored, "though the chain is unbroken: it does not count as a gap\n");
    assert_says(&ignored, "residue A10: the numbering skips 8–9 before it: 2 residues are missing");
    assert_eq!("ignore".parse::<Gaps>().map(|gaps| gaps.to_string()).as_deref(), Ok("ignore"));
    assert!("skip".parse::<Gaps>().is_err());
}
