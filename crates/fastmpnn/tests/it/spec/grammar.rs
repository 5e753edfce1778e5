//! The selection grammar and its errors.

use fastmpnn::spec::{DesignSpec, parse_selection};
use fastmpnn::structure::Structure;

use super::wishes::{Builder, SEQUENCE, dimer, motley, names, refusal, strings};

#[test]
fn grammar_selects() {
    let structure = motley();
    let cases = [
        ("H", "H:99 H:100 H:100A H:100B H:100C H:101 H:102"),
        ("H100", "H:100"),
        ("H100A", "H:100A"),
        ("H:100A", "H:100A"),
        ("H99-100", "H:99 H:100 H:100A H:100B H:100C"),
        ("H100-101", "H:100 H:100A H:100B H:100C H:101"),
        ("H100A-100C", "H:100A H:100B H:100C"),
        ("H100A-H100B", "H:100A H:100B"),
        ("H99-100A", "H:99 H:100 H:100A"),
        ("H100B-102", "H:100B H:100C H:101 H:102"),
        ("H100-100A", "H:100 H:100A"),
        ("H100A-100A", "H:100A"),
        ("L112B-112A", "L:112B L:112A"),
        ("L111A-112", "L:111A L:112B L:112A L:112"),
        ("L112-113", "L:112B L:112A L:112 L:113"),
        ("A-5", "A:-5"),
        ("A:-5", "A:-5"),
        ("A-5--1", "A:-5 A:-4 A:-2 A:-1"),
        ("A-5-A-4", "A:-5 A:-4"),
        ("A:-4-A:0", "A:-4 A:-2 A:-1 A:0"),
        ("A-3-1", "A:-2 A:-1 A:0 A:1"),
        ("A-1-10", "A:-1 A:0 A:1 A:2 A:9 A:10"),
        ("A0", "A:0"),
        ("A2-9", "A:2 A:9"),
        ("A3-9", "A:9"),
        ("A:10-A15", "A:10 A:15"),
        ("A:15", "A:15"),
        ("A15", "A1:5"),
        ("A1", "A1:3 A1:4 A1:5 A1:6 A1:7"),
        ("A:1", "A:1"),
        ("A13-5", "A1:3 A1:4 A1:5"),
        ("A1:3-A1:5", "A1:3 A1:4 A1:5"),
        ("A9", "A:9"),
        ("AA", "AA:1 AA:2 AA:3 AA:4"),
        ("AA2", "AA:2"),
        ("AA:2-3", "AA:2 AA:3"),
        ("1", "1:14 1:15 1:16"),
        ("1:15", "1:15"),
        ("115", "1:15"),
        ("1:14-15", "1:14 1:15"),
        ("1:14-1:15", "1:14 1:15"),
        ("1:14-115", "1:14 1:15 1:16"),
        ("a2", "a:2"),
        ("A-2", "A-2:1 A-2:2"),
        ("A:-2", "A:-2"),
        ("A-2:1", "A-2:1"),
        ("a2,H99", "H:99 a:2"),
        ("  a1   a3 ,, a1, a3", "a:1 a:3"),
        ("a1-2,a2-3", "a:1 a:2 a:3"),
        ("a\tAA4\n", "AA:4 a:1 a:2 a:3"),
    ];
    for (text, expected) in cases {
        let indexes = parse_selection(text, &structure).unwrap_or_else(|error| panic!("{text:?} was refused: {error}"));
        assert_eq!(names(&structure, &indexes), expected, "{text:?}");
    }
    for everything in ["*", "all", "A,all"] {
        let indexes = parse_selection(everything, &structure).expect(everything);
        assert_eq!(indexes, (0..structure.residues.len()).collect::<Vec<_>>());
    }
}

#[test]
fn grammar_refuses() {
    let structure = Builder::new().run("A", 1..=106, SEQUENCE).run("B", 201..=202, SEQUENCE).0;
    let antibody = motley();
    let expect = |structure: &Structure, text: &str, sentence: &str| {
        let error = parse_selection(text, structure).expect_err(text);
        assert_eq!(error.to_string(), sentence);
    };
    let number =
        "after chain A comes a residue number with or without an insertion code, or a range (A:15, A:100A, A:1-10)";
    let cases = [
        ("A200", "selection `A200`: no residue A200 in test: chain A runs 1–106; nearest are A105, A106".to_owned()),
        (
            "A200-210",
            "selection `A200-210`: no residue A200-210 in test: chain A runs 1–106; nearest are A105, A106".into(),
        ),
        ("A5A", "selection `A5A`: no residue A5A in test: chain A runs 1–106; nearest are A4, A5".into()),
        ("B:-3", "selection `B:-3`: no residue B-3 in test: chain B runs 201–202; nearest are B201, B202".into()),
        ("C", "selection `C`: no chain C in test; its chains are A, B".into()),
        ("C12", "selection `C12`: no chain C in test; its chains are A, B".into()),
        ("AB12", "selection `AB12`: no chain AB in test; its chains are A, B".into()),
        ("AB:12", "selection `AB:12`: no chain AB in test; its chains are A, B".into()),
        (
            "a12",
            "selection `a12`: no chain a in test; its chains are A, B (upper and lower case differ: was A meant?)"
                .into(),
        ),
        ("12", "selection `12`: an item begins with a chain id, as in A15 or A:1-10".into()),
        ("A1 - 10", "selection `-`: an item begins with a chain id, as in A15 or A:1-10".into()),
        ("A10-1", "selection `A10-1`: the range is reversed: A1 comes before A10".into()),
        ("A1-", format!("selection `A1-`: {number}")),
        ("A--1", format!("selection `A--1`: {number}")),
        ("A1..10", format!("selection `A1..10`: {number}")),
        ("A1–10", format!("selection `A1–10`: {number}")),
        ("A1AB", format!("selection `A1AB`: {number}")),
        ("A99999999999", format!("selection `A99999999999`: {number}")),
        ("A:", format!("selection `A:`: {number}")),
        ("A::1", format!("selection `A::1`: {number}")),
        ("A1-B5", "selection `A1-B5`: a range stays within one chain, and ends in a number of chain A".into()),
        ("", "selection ``: is an empty selection; write a chain (A), a residue (A15) or a range (A1-10)".into()),
        (" ,", "selection `,`: is an empty selection; write a chain (A), a residue (A15) or a range (A1-10)".into()),
        ("\u{1b}[31m", "selection `\\u{1b}[31m`: no chain \\u{1b}[ in test; its chains are A, B".into()),
    ];
    for (text, sentence) in &cases {
        expect(&structure, text, sentence);
    }
    expect(
        &antibody,
        "H100Z",
        "selection `H100Z`: no residue H100Z in test: chain H runs 99–102; nearest are H100B, H100C",
    );
    expect(&antibody, "H100C-100A", "selection `H100C-100A`: the range is reversed: H100A comes before H100C");
    expect(&antibody, "H100A-100", "selection `H100A-100`: the range is reversed: H100 comes before H100A");
    expect(
        &antibody,
        "A19",
        "selection `A19`: no residue A1:9 in test: chain A1 runs 3–7; nearest are A1:6, A1:7 (for chain A write A:19)",
    );
    let empty = Structure { name: "void".to_owned(), ..Structure::default() };
    expect(&empty, "*", "selection `*`: void has no protein residues to select");
    expect(&empty, "A", "selection `A`: no chain A in void; its chains are none");
    let long = parse_selection(&"A".repeat(10_000), &structure).expect_err("no such chain");
    assert!(long.to_string().len() < 250, "{long}");
}

#[test]
fn errors_name_their_option() {
    let structure = dimer();
    let wish = |flag: &str, text: &str| {
        let mut spec = DesignSpec::default();
        let texts = strings(&[text]);
        match flag {
            "chains" => spec.chains = Some(text.to_owned()),
            "fix" => spec.fix = texts,
            "redesign" => spec.redesign = texts,
            "tie" => spec.tie = texts,
            "omit" => spec.omit = text.to_owned(),
            "omit_at" => spec.omit_at = texts,
            "bias" => spec.bias = texts,
            "bias_at" => spec.bias_at = texts,
            other => panic!("{other}"),
        }
        refusal(&spec, &structure)
    };
    let nearest = "no residue A30 in test: chain A runs 1–20; nearest are A19, A20";
    let letters = "is not a letter of an amino acid (ACDEFGHIKLMNPQRSTVWY)";
    let cases = [
        ("chains", "A,Q", "`chains` `Q`: no chain Q in test; its chains are A, B".to_owned()),
        ("chains", "A1-5", "`chains` `A1-5`: takes whole chains, and this names residues of chain A; use `redesign` for residues".into()),
        ("chains", "", "`chains` ``: is an empty selection; write a chain (A), a residue (A15) or a range (A1-10)".into()),
        ("fix", "A30", format!("`fix` `A30`: {nearest}")),
        ("redesign", "B,A30", format!("`redesign` `A30`: {nearest}")),
        ("tie", "A30=B1", format!("`tie` `A30`: {nearest}")),
        ("tie", "A1-20=B1-19", "`tie` `A1-20=B1-19`: the tied selections must be equally long, but `A1-20` has 20 residues, `B1-19` has 19 residues".into()),
        ("tie", "A1-20", "`tie` `A1-20`: a tie joins two or more selections, as in A1-20=B1-20".into()),
        ("tie", "A1=", "`tie` ``: is an empty selection; write a chain (A), a residue (A15) or a range (A1-10)".into()),
        ("tie", "A1*x=B1", "`tie` `A1*x`: what follows the * is not a weight; a weighted tie is written A1-20*1.0=B1-20*-0.5".into()),
        ("tie", "A1*inf=B1", "`tie` `A1*inf`: what follows the * is not a weight; a weighted tie is written A1-20*1.0=B1-20*-0.5".into()),
        ("tie", "A1=A1", "residue A1 is tied twice: `tie` `A1=A1` ties it to itself".into()),
        ("tie", "A1-3=A2-4", "residue A2 is tied twice: by `tie` `A1-3=A2-4` and by `tie` `A1-3=A2-4`; write one tie with all its partners, as in A1=B1=C1".into()),
        ("tie", "A1,A1=B1,B2", "residue A1 is tied twice: `A1,A1` names it twice".into()),
        ("tie", "A1*0=B1*0", "the tied residues A1,B1 all have weight 0, so no logits determine their letter".into()),
        ("omit", "CB", format!("`omit` `CB`: `B` {letters}")),
        ("omit", "ACDEFGHIKLMNPQRSTVWY", "all 20 amino acids are omitted at residue A1 of test; leave at least one, or fix the residue".into()),
        ("omit_at", "B3:acdefghiklmnpqrstvwy", "all 20 amino acids are omitted at residue B3 of test; leave at least one, or fix the residue".into()),
        ("omit_at", "A30:C", format!("`omit_at` `A30`: {nearest}")),
        ("omit_at", "A3", "`omit_at` `A3`: is a selection, a colon and letters, as in A1-5:CM".into()),
        ("omit_at", "A3:", "`omit_at` `A3:`: is a selection, a colon and letters, as in A1-5:CM".into()),
        ("omit_at", "A:3", format!("`omit_at` `3`: `3` {letters}")),
        ("bias", "A", "`bias` `A`: a bias is a letter, =, and a number, as in W=0.5".into()),
        ("bias", "=1", "`bias` `=1`: a bias is a letter, =, and a number, as in W=0.5".into()),
        ("bias", "A=high", "`bias` `A=high`: what follows the = is not a number; a bias is written W=0.5".into()),
        ("bias", "A=NaN", "`bias` `A=NaN`: a bias lies between -1e8 and 1e8 nats".into()),
        ("bias", "Z=1", format!("`bias` `Z=1`: `Z` {letters}")),
        ("bias", "", "`bias` ``: names no letter; a bias is written W=0.5".into()),
        ("bias_at", "A30:W=1", format!("`bias_at` `A30`: {nearest}")),
        ("bias_at", "A3=W", "`bias_at` `A3=W`: is a selection, a colon and letters, as in A1-5:W=2.0".into()),
        ("fix", "*", "nothing is left to design in test: of its 40 residues, 40 are fixed and 0 have no complete backbone".into()),
    ];
    for (flag, text, sentence) in &cases {
        assert_eq!(&wish(flag, text), sentence, "{flag} {text}");
    }
}
