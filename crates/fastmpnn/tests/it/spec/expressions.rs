//! Selections made of words: `not`, `and`, `within`, `interface`, `ligand`, files.

use fastmpnn::spec::{DesignSpec, States, parse_selection};
use fastmpnn::structure::{Atom, LigandAtom, Point, Presented, ResidueId, Structure};

use super::hostile::Random;
use super::wishes::{Builder, SEQUENCE, designed, dimer, motley, names, refusal, resolve, strings, warned};

/// An atom by itself.
fn atom(element: &str, position: Point) -> Atom {
    Atom { name: element.to_owned(), element: element.to_owned(), position, occupancy: 1.0, b_factor: 0.0, charge: 0 }
}

fn ligand(name: &str, chain: &str, number: i32, element: &str, position: Point) -> LigandAtom {
    let residue = ResidueId { chain: chain.into(), number, insertion: None };
    LigandAtom {
        residue,
        residue_name: name.to_owned(),
        presented: Presented::default(),
        atom: atom(element, position),
    }
}

/// Chains H, L, A of ten residues each, in rows 12 Å apart, residues 4 Å apart along them, one CA a residue; H5 has a long
/// side chain toward L, and L7 a hydrogen toward H. HEM is 3 Å above A2, a zinc ion 4 Å above A9, chain D is DNA.
fn complex() -> Structure {
    let mut structure =
        Builder::new().run("H", 1..=10, SEQUENCE).run("L", 1..=10, SEQUENCE).run("A", 1..=10, SEQUENCE).0;
    for index in 0..30 {
        let (row, place) = (index / 10, index % 10);
        let position = [4.0 * place as f32, 12.0 * row as f32, 0.0];
        structure.residues[index].atoms = vec![
            Atom { name: "CA".to_owned(), ..atom("C", position) },
            // The rest of the backbone, so near that it changes nothing.
            Atom { name: "N".to_owned(), ..atom("N", position) },
            Atom { name: "C".to_owned(), ..atom("C", position) },
            Atom { name: "O".to_owned(), ..atom("O", position) },
        ];
    }
    structure.residues[4].atoms.push(Atom { name: "CZ".to_owned(), ..atom("C", [16.0, 8.0, 0.0]) });
    structure.residues[16].atoms.push(Atom { name: "H".to_owned(), ..atom("H", [24.0, 1.0, 0.0]) });
    structure.ligand_atoms = vec![
        ligand("HEM", "A", 301, "FE", [4.0, 24.0, 3.0]),
        ligand("HEM", "A", 301, "H", [12.0, 24.0, 0.0]),
        ligand("ZN", "A", 302, "ZN", [32.0, 24.0, 4.0]),
        ligand("MO", "H", 401, "MO", [36.0, 0.0, 1.0]),
        ligand("DC", "D", 1, "P", [0.0, -5.0, 0.0]),
        ligand("DG", "D", 2, "P", [4.0, -5.0, 0.0]),
    ];
    structure
}

fn selected(text: &str, structure: &Structure) -> String {
    match parse_selection(text, structure) {
        Ok(indexes) => names(structure, &indexes).replace(':', ""),
        Err(error) => panic!("{text:?} was refused: {error}"),
    }
}

fn refused(text: &str, structure: &Structure) -> String {
    match parse_selection(text, structure) {
        Ok(indexes) => panic!("{text:?} selects {}", names(structure, &indexes)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn not_is_everything_else() {
    let structure = dimer();
    let both = |text: &str, same: &str| assert_eq!(selected(text, &structure), selected(same, &structure), "{text}");
    both("not A1-10", "A11-20,B");
    both("not (A1-10,B)", "A11-20");
    both("not (A1-10 B)", "A11-20");
    both("not(A1-10,B)", "A11-20");
    both("(not A1-10),A2", "A2,A11-20,B");
    both("not not A1-10", "A1-10");
    both("not (not A)", "A");
    both("A and not A1-10", "A11-20");
    both("A1-10 and (A5-20,B) and not A6", "A5,A7-10");
    both("A1,B and B1-3", "A1,B1-3");
    both("all and not A", "B");
    both("  not\tA1-10 \n", "A11-20,B");
}

#[test]
fn what_reads_two_ways_is_refused() {
    let structure = dimer();
    for text in ["not A1-10,B", "B,not A1-10", "B, A and not A1-10", "not A1-5,not A6-10", "A1-10 not A2"] {
        let error = refused(text, &structure);
        assert!(error.contains("can be read in two ways") && error.contains("not (A1-10,B)"), "{text}: {error}");
    }
    for text in ["not A1-10 B", "within 8 of A B", "interface A B A1-3", "A and A1-3 B"] {
        let error = refused(text, &structure);
        assert!(error.contains("comes a comma before the next selection"), "{text}: {error}");
    }
}

#[test]
fn words_that_stand_wrong_are_refused() {
    let structure = dimer();
    let cases = [
        ("not", "after not comes a selection"),
        ("not,A", "after not comes a selection"),
        ("(not)", "after not comes a selection"),
        ("not (A", "a parenthesis is not closed"),
        ("A)", "a parenthesis is closed that was never opened"),
        ("()", "nothing stands between the parentheses"),
        ("A and", "after and comes a selection"),
        ("and A", "`and`: and stands where a chain, a residue or a range is expected"),
        ("of", "of stands where"),
        ("within 8", "after the distance comes what it is from"),
        ("within 8 of", "after the distance comes what it is from"),
        ("within 8 A", "after the distance comes what it is from"),
        ("within 8 of,A", "after the distance comes what it is from"),
        ("within A", "after within comes a distance in Å"),
        ("within 0 of A", "above 0 and at most 1000"),
        ("within -3 of A", "above 0 and at most 1000"),
        ("within nan of A", "above 0 and at most 1000"),
        ("within 1e9 of A", "above 0 and at most 1000"),
        ("within", "after within comes a distance in Å"),
        ("within 8 of not A", "not stands where"),
        ("interface", "an interface has two sides"),
        ("interface A", "an interface has two sides"),
        ("interface A,B", "an interface has two sides"),
        ("interface A B 0", "above 0 and at most 1000"),
        ("interface A A", "an interface has two sides, and A1-20 is in both"),
        ("interface (A,B1-3) B", "an interface has two sides, and B1-3 is in both"),
        ("not all", "no residue is left"),
        ("A and B", "no residue is in all of these"),
        ("ligand", "names ligands, which have no residues to design; within 5 of ligand"),
        ("within 5 of ligand", "test has no ligand atoms that LigandMPNN can see"),
        ("NOT A", "`NOT`: the words of selections are in small letters: not"),
        ("Within 5 of A", "the words of selections are in small letters: within"),
        ("@nosuch.txt", "no chain"),
    ];
    for (text, sentence) in cases {
        let error = refused(text, &structure);
        assert!(error.starts_with("selection `") && error.contains(sentence), "{text}: {error}");
    }
}

#[test]
fn nesting_has_an_end() {
    let structure = dimer();
    for text in [format!("{}A{}", "(".repeat(100_000), ")".repeat(100_000)), "not ".repeat(100_000) + "A"] {
        assert!(refused(&text, &structure).contains("nests too deeply"));
    }
    let text = format!("{}A1{}", "(".repeat(20), ")".repeat(20));
    assert_eq!(selected(&text, &structure), "A1");
}

#[test]
fn within_goes_by_heavy_atoms_and_includes_what_it_is_from() {
    let structure = complex();
    let l = "L1 L2 L3 L4 L5 L6 L7 L8 L9 L10";
    // The side chain of H5 reaches to 4 Å from L5; the hydrogen of L7 does not count.
    assert_eq!(selected("within 4 of L", &structure), format!("H5 {l}"));
    assert_eq!(selected("within 4 of L and not L", &structure), "H5");
    assert_eq!(selected("within 3.9 of L", &structure), l);
    assert_eq!(selected("H and within 12 of L5", &structure), "H5");
    assert_eq!(selected("within 4 of H5", &structure), "H4 H5 H6 L5");
    assert_eq!(selected("within 4.5 of (H1-2,A10)", &structure), "H1 H2 H3 A9 A10");
    assert_eq!(selected("within 4 of (not (H,L,A2-10))", &structure), "A1 A2");
}

#[test]
fn within_of_ligands() {
    let structure = complex();
    for text in ["within 3 of HEM", "within 3 of hem", "within 3 of HEM:A", "within 3 of HEM:A:301", "within 3 of A301"]
    {
        assert_eq!(selected(text, &structure), "A2", "{text}");
    }
    assert_eq!(selected("within 5 of HEM", &structure), "A1 A2 A3");
    assert_eq!(selected("within 4 of ZN", &structure), "A9");
    assert_eq!(selected("within 4 of (HEM,ZN)", &structure), "A2 A9");
    // A chain of ligands alone is one by its id; residues of it are by number. `:A` is the ligands of chain A.
    assert_eq!(selected("within 5 of D", &structure), "H1 H2");
    assert_eq!(selected("within 5 of D2", &structure), "H2");
    assert_eq!(selected("within 5 of D1-2", &structure), "H1 H2");
    assert_eq!(selected("within 4 of :A", &structure), "A2 A9");
    // All that LigandMPNN sees: not the molybdenum.
    assert_eq!(selected("within 4 of ligand", &structure), "A2 A9");
    assert_eq!(selected("within 2 of MO", &structure), "H10");
    assert_eq!(selected("within 5 of ligand", &structure), "H1 H2 A1 A2 A3 A9");
}

#[test]
fn what_is_far_from_everything_is_an_error_with_the_distance() {
    let structure = complex();
    let error = refused("within 2 of HEM", &structure);
    assert_eq!(error, "selection `within 2 of HEM`: no residue of test is that near; the nearest, A2, is 3.0 Å away");
    let error = refused("interface H A", &structure);
    assert_eq!(error, "selection `interface H A`: no residue of test is that near; the nearest, H5, is 16.0 Å away");
    let error = refused("within 5 of HEX", &structure);
    assert_eq!(
        error,
        "selection `HEX`: no chain HEX in test; its chains are H, L, A; its ligands are HEM:A:301, ZN:A:302, MO:H:401, \
         DC:D:1, DG:D:2"
    );
    assert!(refused("within 5 of H99", &structure).contains("no residue H99 in test"));
    let error = refused("HEM", &structure);
    assert!(error.ends_with("(ligands are not designed; within 5 of HEM are the residues near them)"), "{error}");
}

#[test]
fn an_interface_is_of_both_sides() {
    let structure = complex();
    assert_eq!(selected("interface H L", &structure), "H5 L5");
    assert_eq!(selected("interface L H", &structure), "H5 L5");
    assert_eq!(selected("interface H L 6", &structure), "H5 L4 L5 L6");
    assert_eq!(selected("interface H L 12", &structure).split(' ').count(), 20);
    assert_eq!(selected("interface H L 3.9,A1", &complex_with_touching_tips()), "H5 L5 A1");
    assert_eq!(selected("interface (H,L) A 12", &structure).split(' ').count(), 20);
    assert_eq!(selected("interface H1-3 D", &structure), "H1 H2");
    assert_eq!(selected("interface A ligand 4", &structure), "A2 A9");
    assert_eq!(selected("interface A ligand 3", &structure), "A2");
    assert!(refused("interface HEM ZN", &structure).contains("no side of this interface is protein"));
}

/// As [`complex`], with the side chain of H5 longer by an Å.
fn complex_with_touching_tips() -> Structure {
    let mut structure = complex();
    structure.residues[4].atoms.push(atom("C", [16.0, 9.0, 0.0]));
    structure
}

#[test]
fn distances_agree_with_the_plain_search() {
    let mut random = Random(8);
    let mut coordinate = || random.below(4000) as f32 / 100.0 - 20.0;
    let mut structure = Builder::new().run("A", 1..=150, SEQUENCE).run("B", 1..=150, SEQUENCE).0;
    for residue in &mut structure.residues {
        residue.atoms.iter_mut().for_each(|atom| atom.position = [coordinate(), coordinate(), coordinate()]);
    }
    let distance = |one: Point, other: Point| {
        one.iter().zip(other).map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
    };
    let touches = |one: usize, other: usize, limit: f64| {
        let others = &structure.residues[other].atoms;
        structure.residues[one].atoms.iter().any(|a| others.iter().any(|b| distance(a.position, b.position) <= limit))
    };
    for limit in [0.5, 1.0, 2.5, 8.0, 100.0] {
        let near_b: Vec<usize> = (0..300).filter(|&one| (150..300).any(|other| touches(one, other, limit))).collect();
        assert_eq!(parse_selection(&format!("within {limit} of B"), &structure).unwrap(), near_b, "{limit}");
        let between: Vec<usize> = (0..300)
            .filter(|&one| (0..300).any(|other| (one < 150) != (other < 150) && touches(one, other, limit)))
            .collect();
        assert_eq!(parse_selection(&format!("interface A B {limit}"), &structure).unwrap(), between, "{limit}");
    }
}

#[test]
fn chains_named_by_words_stay_within_reach() {
    let structure = Builder::new()
        .run("A", 1..=3, SEQUENCE)
        .run("all", 1..=3, SEQUENCE)
        .run("not", 1..=3, SEQUENCE)
        .run("ligand", 1..=3, SEQUENCE)
        .run("8", 1..=3, SEQUENCE)
        .0;
    let colons = |text: &str| names(&structure, &parse_selection(text, &structure).expect(text));
    assert_eq!(colons("all:"), "all:1 all:2 all:3");
    assert_eq!(colons("all:2-3"), "all:2 all:3");
    assert_eq!(colons("all2"), "all:2");
    assert_eq!(colons("not:"), "not:1 not:2 not:3");
    assert_eq!(colons("not not:"), colons("A,all:,ligand:,8"));
    assert_eq!(colons("ligand:"), "ligand:1 ligand:2 ligand:3");
    assert_eq!(colons("ligand1"), "ligand:1");
    assert_eq!(colons("all").split(' ').count(), 15);
    let error = refused("not", &structure);
    assert!(error.ends_with("; chain not is written not:"), "{error}");
    let plan = resolve(&DesignSpec { fix: strings(&["not A"]), ..DesignSpec::default() }, &structure);
    assert_eq!(designed(&plan), [0, 1, 2]);
    warned(&plan, "`fix` `not`: is a word of selections; chain not is written not:");
    // A number after the sides of an interface is a distance, unless there is a chain of that name.
    assert!(refused("interface A all: 8", &structure).contains("is a distance or a chain here; write 8.0"));
    assert_eq!(colons("interface A all: 8.0"), "A:1 A:2 A:3 all:1 all:2 all:3");
    // `A:` names no chain: a number was forgotten.
    assert!(refused("A:", &structure).contains("after chain A comes a residue number"));
    let odd = Builder::new().run("(", 1..=3, SEQUENCE).run("A", 1..=3, SEQUENCE).0;
    assert_eq!(names(&odd, &parse_selection("(2,A1", &odd).unwrap()), "(:2 A:1");
}

#[test]
fn selections_stand_in_every_option() {
    let structure = complex();
    let plan = |spec: DesignSpec| resolve(&spec, &structure);
    let fix = plan(DesignSpec { fix: strings(&["within 4 of L"]), ..DesignSpec::default() });
    assert_eq!(designed(&fix), [0, 1, 2, 3, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    let redesign = plan(DesignSpec { redesign: strings(&["interface H L"]), ..DesignSpec::default() });
    assert_eq!(designed(&redesign), [4, 14]);
    let chains = plan(DesignSpec { chains: Some("not A".to_owned()), ..DesignSpec::default() });
    assert_eq!(designed(&chains), (0..20).collect::<Vec<_>>());
    let omit_at = plan(DesignSpec { omit_at: strings(&["within 3 of HEM:A:C"]), ..DesignSpec::default() });
    let without = |index: usize| omit_at.omitted[index] & 2 != 0;
    assert_eq!((0..30).filter(|&index| without(index)).collect::<Vec<_>>(), [21]);
    let bias_at = plan(DesignSpec { bias_at: strings(&["within 4 of ligand,H1:W=2"]), ..DesignSpec::default() });
    let biased = |&index: &usize| bias_at.bias[index].iter().any(|&bias| bias != 0.0);
    assert_eq!((0..30).filter(biased).collect::<Vec<_>>(), [0, 21, 28]);
    let membrane = plan(DesignSpec {
        membrane_buried: strings(&["within 4 of L and not L"]),
        membrane_interface: strings(&["L"]),
        ..DesignSpec::default()
    });
    let classes: Vec<u8> = membrane.environment.membrane.iter().map(|&class| class as u8).collect();
    assert_eq!((classes[4], classes[3], classes[10]), (2, 0, 1));
    for chains in ["within 4 of L", "interface H L", "not (within 4 of L)", "not A1-3"] {
        let error = refusal(&DesignSpec { chains: Some(chains.to_owned()), ..DesignSpec::default() }, &structure);
        assert!(error.starts_with("`chains` `") && error.contains("takes whole chains"), "{chains}: {error}");
    }
}

#[test]
fn ties_take_no_sets() {
    let structure = complex();
    for (tie, named) in [
        ("within 4 of L=H", "within 4 of L"),
        ("H=not L", "not L"),
        ("H1-2=(interface H L)", "interface H L"),
        ("H and H1=L1", "H and H1"),
    ] {
        let error = refusal(&DesignSpec { tie: strings(&[tie]), ..DesignSpec::default() }, &structure);
        assert!(error.starts_with(&format!("`tie` `{named}`: a tie pairs residues in the order")), "{tie}: {error}");
    }
    let plan = resolve(&DesignSpec { tie: strings(&["(H1,H3)=(L3,L1)"]), ..DesignSpec::default() }, &structure);
    assert_eq!(plan.ties[0].members, [0, 12]);
}

#[test]
fn files_stand_where_selections_stand() {
    let structure = motley();
    let spec = |fix: &str| DesignSpec {
        fix: strings(&[fix]),
        files: [
            ("core.txt".to_owned(), "# the core\nH99, H100A\n\n  L110,L111   # light\n".to_owned()),
            ("my files, all.txt".to_owned(), "a1\n".to_owned()),
            ("wrong.txt".to_owned(), "H99\n# nothing here\nL110,H500\n".to_owned()),
            ("words.txt".to_owned(), "H99\nwithin 8 L\n".to_owned()),
            ("nested.txt".to_owned(), "H99,@core.txt\n".to_owned()),
            ("empty.txt".to_owned(), "# nothing\n".to_owned()),
            ("not.txt".to_owned(), "H99\nnot H\n".to_owned()),
        ]
        .into(),
        ..DesignSpec::default()
    };
    let fixed = |fix: &str| {
        let plan = resolve(&spec(fix), &structure);
        let kept: Vec<usize> = (0..plan.designed.len()).filter(|&index| !plan.designed[index]).collect();
        names(&structure, &kept)
    };
    assert_eq!(fixed("@core.txt"), "H:99 H:100A L:110 L:111");
    assert_eq!(fixed("a1,@core.txt,a2"), "H:99 H:100A L:110 L:111 a:1 a:2");
    assert_eq!(fixed("@my files, all.txt,a3"), "a:1 a:3");
    assert_eq!(fixed("H and not @core.txt"), "H:100 H:100B H:100C H:101 H:102");
    // Each line stands by itself, as if in parentheses.
    assert_eq!(fixed("@not.txt and H"), "H:99");
    let said = |fix: &str| refusal(&spec(fix), &structure);
    let error = said("@wrong.txt");
    assert!(error.starts_with("`fix` `H500` (wrong.txt, line 3): no residue H500 in test"), "{error}");
    let error = said("@words.txt");
    assert!(error.starts_with("`fix` `within 8` (words.txt, line 2): after the distance comes"), "{error}");
    assert!(said("@nested.txt").contains("(nested.txt, line 1): a file of selections does not call another"));
    assert_eq!(said("@empty.txt"), "`fix` `@empty.txt`: the file names no residues");
    let tie = DesignSpec { tie: strings(&["@core.txt=a1,a2,a3,L113"]), fix: Vec::new(), ..spec("") };
    assert_eq!(resolve(&tie, &structure).ties.len(), 4);
}

#[test]
fn labels_of_chains_are_hinted_at() {
    let mut structure = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 1..=5, SEQUENCE).0;
    structure.labels = vec![
        ("A".to_owned(), "A".into()),
        ("B".to_owned(), "A".into()),
        ("C".to_owned(), "B".into()),
        ("D".to_owned(), "A".into()),
    ];
    structure.ligand_atoms = vec![ligand("HEM", "A", 301, "FE", [0.0; 3])];
    let error = refused("C12", &structure);
    assert_eq!(error, "selection `C12`: no chain C in test; its chains are A, B (label C is author chain B)");
    // The other way: there is a chain of that id, and another one is labeled so.
    let error = refused("B15", &structure);
    assert!(error.ends_with("(chains go by author ids; label B is author chain A)"), "{error}");
    let error = refused("within 5 of D", &structure);
    assert!(error.contains("no chain D in test") && error.contains("(label D is author chain A)"), "{error}");
    let error = refused("A25", &structure);
    assert!(!error.contains("label"), "{error}");
}

#[test]
fn states_share_what_the_first_selects() {
    let first = complex();
    let mut second = complex();
    // In the second state H5 is far from L.
    second.residues[4].atoms.truncate(4);
    let spec = DesignSpec { fix: strings(&["within 4 of L"]), side_chain_context: true, ..DesignSpec::default() };
    let states = States::new(vec![first, second], None).expect("states");
    let plan = states.resolve(&spec).expect("a plan");
    assert_eq!(plan.environment[0].side_chains_of, plan.environment[1].side_chains_of);
    assert!(plan.environment[1].side_chains_of[4]);
}
