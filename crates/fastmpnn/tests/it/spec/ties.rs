//! Ties, and copies that are tied as homo-oligomers.

use fastmpnn::error::SpecError;
use fastmpnn::spec::DesignSpec;

use super::wishes::{Builder, SEQUENCE, choices, designed, dimer, letter, names, refusal, resolve, strings, warned};

#[test]
fn ties_pair_residues_in_written_order() {
    let structure = dimer();
    let spec = DesignSpec {
        tie: strings(&["A5,A3=B7-8", "A10-12*1.0 = B10-12*-0.5", "B1=A1=A20", "A20=A1=B1"]),
        ..DesignSpec::default()
    };
    let plan = resolve(&spec, &structure);
    let groups: Vec<(String, Vec<f32>)> =
        plan.ties.iter().map(|group| (names(&structure, &group.members), group.weights.clone())).collect();
    let expected = [
        ("B:1 A:1 A:20", vec![1.0, 1.0, 1.0]),
        ("A:3 B:8", vec![1.0, 1.0]),
        ("A:5 B:7", vec![1.0, 1.0]),
        ("A:10 B:10", vec![1.0, -0.5]),
        ("A:11 B:11", vec![1.0, -0.5]),
        ("A:12 B:12", vec![1.0, -0.5]),
    ]
    .map(|(members, weights)| (members.to_owned(), weights));
    assert_eq!(groups, expected);
    assert_eq!(
        plan.summary(&structure),
        "designs A1-20,B1-20 (40 residues); fixes nothing; ties 6 groups B1=A1=A20, A3=B8, A5=B7, A10-12*1=B10-12*-0.5"
    );
    let overlapping = DesignSpec { tie: strings(&["A1=B1", "A1=A2"]), ..DesignSpec::default() };
    assert_eq!(
        refusal(&overlapping, &structure),
        "residue A1 is tied twice: by `tie` `A1=B1` and by `tie` `A1=A2`; write one tie with all its partners, as in A1=B1=C1"
    );
    let reweighted = DesignSpec { tie: strings(&["A1=B1", "A1=B1*2"]), ..DesignSpec::default() };
    assert!(matches!(reweighted.resolve(&structure), Err(SpecError::TiedTwice { .. })));
    let everything = DesignSpec { tie: strings(&["*"]), ..DesignSpec::default() };
    assert!(matches!(everything.resolve(&structure), Err(SpecError::Malformed { .. })));
}

#[test]
fn a_tie_to_a_fixed_residue_carries_its_letter() {
    // Natives: A = ACDEF, B = ACDGG.
    let structure = Builder::new().run("A", 1..=5, "ACDEF").run("B", 1..=5, "ACDGG").0;
    let spec = DesignSpec {
        fix: strings(&["A1", "A4"]),
        tie: strings(&["A1-5=B1-5"]),
        omit: "E".into(),
        ..DesignSpec::default()
    };
    let plan = resolve(&spec, &structure);
    // B1 has the letter of A1 already; B4 has not, and takes it although E is omitted.
    assert_eq!(names(&structure, &designed(&plan)), "A:2 A:3 A:5 B:2 B:3 B:4 B:5");
    assert_eq!(choices(&plan, 8), "E");
    assert_eq!(plan.ties.len(), 3);
    warned(&plan, "B1 is fixed as well");
    warned(&plan, "its native letter holds: B4 takes E of A4");
    assert_eq!(
        plan.summary(&structure),
        "designs A2-3,A5,B2-5 (7 residues); fixes A1,A4,B1 (3 residues); omits E; allows only E at B4; \
         ties 3 groups A2-3=B2-3, A5=B5"
    );

    // Several designed partners of a fixed residue stay tied; fixed ones that disagree keep their own letters.
    let quartet = Builder::new().run("A", 1..=1, "A").run("B", 1..=1, "C").run("C", 1..=1, "D").run("D", 1..=1, "E").0;
    let spec = DesignSpec { fix: strings(&["B", "A"]), tie: strings(&["D=C=B=A"]), ..DesignSpec::default() };
    let plan = resolve(&spec, &quartet);
    assert_eq!(designed(&plan), [2, 3]);
    assert_eq!(plan.ties[0].members, [3, 2]);
    assert_eq!((choices(&plan, 2), choices(&plan, 3)), ("C".into(), "C".into()));
    warned(&plan, "fixed residues of one tied group have different letters; that of B1 decides");

    // A chain that is not designed is fixed, too.
    let spec = DesignSpec { chains: Some("B".into()), tie: strings(&["A4=B4"]), ..DesignSpec::default() };
    assert_eq!(choices(&resolve(&spec, &structure), 8), "E");
}

#[test]
fn masked_and_unknown_members_drop_out_of_a_tie() {
    let structure = Builder::new().run("A", 1..=2, "XC").run("B", 1..=2, "AC").run("C", 1..=2, "AC").masked(1).0;
    let spec = DesignSpec { fix: strings(&["A1"]), tie: strings(&["A=B=C*3"]), ..DesignSpec::default() };
    let plan = resolve(&spec, &structure);
    assert_eq!(designed(&plan), [2, 3, 4, 5]);
    let groups: Vec<_> = plan.ties.iter().map(|g| (g.members.clone(), g.weights.clone())).collect();
    assert_eq!(groups, [(vec![2, 4], vec![1.0, 3.0]), (vec![3, 5], vec![1.0, 3.0])]);
    warned(&plan, "A1 is fixed with an unknown letter (X)");
    warned(&plan, "A2 has no complete backbone");
    assert_eq!(choices(&plan, 2), "ACDEFGHIKLMNPQRSTVWY");

    // A masked residue that is fixed by name gives its letter.
    let spec = DesignSpec { fix: strings(&["A"]), ..spec };
    assert_eq!(designed(&resolve(&spec, &structure)), [2, 4]);
}

#[test]
fn wishes_extend_to_tied_copies() {
    let structure = dimer();
    let spec = DesignSpec {
        homo_oligomer: true,
        fix: strings(&["A1-5"]),
        omit_at: strings(&["B6:CM"]),
        bias_at: strings(&["A7:W=2", "B7:W=2"]),
        ..DesignSpec::default()
    };
    let plan = resolve(&spec, &structure);
    assert_eq!(names(&structure, &designed(&plan)).matches("B:").count(), 15);
    assert_eq!(plan.ties.len(), 15);
    assert!(plan.ties.iter().all(|group| group.weights == [1.0, 1.0]));
    assert_eq!(plan.omitted[5], plan.omitted[25]);
    assert!(!plan.allows(5, letter('C')));
    assert_eq!((plan.bias[6][18], plan.bias[26][18]), (2.0, 2.0));
    warned(&plan, "B1-5 is fixed as well");
    warned(&plan, "`omit_at` `B6:CM` holds for the tied A6 as well");
    warned(&plan, "`bias_at` `A7:W=2` holds for the tied B7 as well");
    assert_eq!(
        plan.summary(&structure),
        "designs A6-20,B6-20 (30 residues); fixes A1-5,B1-5 (10 residues); omits CM at A6,B6; \
         ties 15 groups A6-20=B6-20; biases W=2 at A7,B7"
    );
    let spec = DesignSpec { homo_oligomer: true, redesign: strings(&["A1-2", "B2-3"]), ..DesignSpec::default() };
    let plan = resolve(&spec, &structure);
    assert_eq!(designed(&plan), [0, 1, 2, 20, 21, 22]);
    warned(&plan, "`redesign` `A1-2,B2-3` holds for the tied A3,B1 as well");
    // The same holds for a tie written out.
    let spec = DesignSpec {
        tie: strings(&["A1=B9"]),
        redesign: strings(&["A1"]),
        fix: strings(&["B9"]),
        ..DesignSpec::default()
    };
    assert_eq!(designed(&resolve(&spec, &structure)), [0, 28]);
}

#[test]
fn homo_oligomers_of_unequal_length() {
    let structure = Builder::new()
        .run("A", 1..=20, SEQUENCE)
        .run("B", 3..=22, &SEQUENCE[2..])
        .run("C", 1..=12, "WWCCHHWWCCHH")
        .chain("D", ["1", "2", "5", "6", "7", "8", "22"], "MKITGGE")
        .0;
    let spec = DesignSpec { homo_oligomer: true, ..DesignSpec::default() };
    let plan = resolve(&spec, &structure);
    let groups: Vec<String> = plan.ties.iter().map(|group| names(&structure, &group.members)).collect();
    assert_eq!(groups[0], "A:1 D:1");
    assert_eq!(groups[2], "A:3 B:3");
    assert_eq!(groups[4], "A:5 B:5 D:5");
    // A lacks residue 22; the copies that have it are tied all the same.
    assert_eq!(groups[20], "B:22 D:22");
    assert_eq!(groups.len(), 21);
    warned(
        &plan,
        "the copies differ in extent (A has 20 residues, B has 20 residues, D has 7 residues): 21 positions are tied, \
         and 1 residue without counterpart is not: B21",
    );
    warned(&plan, "chain C is not a copy of another designed chain and is designed on its own");
    assert_eq!(
        plan.summary(&structure),
        "designs A1-20,B3-22,C1-12,D1-22 (59 residues); fixes nothing; ties 21 groups A1-2=D1-2, A3-4=B3-4, \
         A5-8=B5-8=D5-8, A9-20=B9-20, B22=D22"
    );
}

#[test]
fn homo_oligomers_with_other_numbers_or_point_mutations() {
    let continued = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 21..=40, SEQUENCE).0;
    let spec = DesignSpec { homo_oligomer: true, ..DesignSpec::default() };
    let plan = resolve(&spec, &continued);
    assert_eq!(plan.ties.len(), 20);
    assert_eq!(plan.ties[4].members, [4, 24]);
    warned(&plan, "chain B is tied to chain A by position");

    let shifted = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 101..=117, &SEQUENCE[3..20]).0;
    let plan = resolve(&spec, &shifted);
    assert_eq!(plan.ties.len(), 17);
    assert_eq!(plan.ties[0].members, [3, 20]);
    assert_eq!(plan.ties[16].members, [19, 36]);
    warned(&plan, "chain B is tied to chain A by sequence alignment");

    // One letter of twenty differs, and one is unknown: copies; the fixed letter of A holds where they differ.
    let mutant = SEQUENCE[..20].replacen('K', "A", 1).replacen('I', "X", 1);
    let mutated = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 1..=20, &mutant).0;
    let fixed = DesignSpec { fix: strings(&["A1-3"]), ..spec.clone() };
    let plan = resolve(&fixed, &mutated);
    warned(&plan, "the native letters of the copies differ at A2,A5;");
    assert_eq!(choices(&plan, 21), "K");
    assert!(!plan.designed[20] && plan.designed[21] && !plan.designed[22]);

    let strangers = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 1..=20, "WCHD").0;
    let sentence = refusal(&spec, &strangers);
    assert!(
        sentence.starts_with(
            "`homo_oligomer`: no two designed chains of test have the same sequence: A and B come nearest, with "
        ),
        "{sentence}"
    );
    let alone = DesignSpec { chains: Some("B".into()), ..spec.clone() };
    assert_eq!(
        refusal(&alone, &dimer()),
        "`homo_oligomer`: no two designed chains of test have the same sequence: only chain B is designed"
    );

    // A tie that repeats the copies' own: its weights apply. Any other tie overlaps.
    let weighted = DesignSpec { tie: strings(&["B1-20*0.5=A1-20"]), ..spec.clone() };
    let plan = resolve(&weighted, &dimer());
    assert_eq!((plan.ties.len(), plan.ties[0].weights.as_slice()), (20, [0.5, 1.0].as_slice()));
    let overlapping = DesignSpec { tie: strings(&["A1=A2"]), ..spec };
    assert!(refusal(&overlapping, &dimer()).contains("and by `homo_oligomer`"));
}

#[test]
fn ninety_percent_of_half_a_chain_make_a_copy() {
    let spec = DesignSpec { homo_oligomer: true, ..DesignSpec::default() };
    // The native sequence with its first letters replaced, `equal` of twenty left.
    let mutated = |equal: usize| format!("{}{}", "W".repeat(20 - equal), &SEQUENCE[20 - equal..20]);
    for first in [1, 101] {
        let pair =
            |equal: usize| Builder::new().run("A", 1..=20, SEQUENCE).run("B", first..=first + 19, &mutated(equal)).0;
        assert_eq!(resolve(&spec, &pair(18)).ties.len(), 20);
        assert_eq!(
            refusal(&spec, &pair(17)),
            "`homo_oligomer`: no two designed chains of test have the same sequence: A and B come nearest, \
             with 85 % equal letters at 20 residues in common (90 % make a copy)"
        );
    }

    // Equal letters at a few common numbers are chance: half of the shorter chain has to correspond.
    let touching = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 17..=26, "VERLWWWWWW").0;
    assert!(refusal(&spec, &touching).contains("come nearest"));
    let halved = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 16..=25, "LVERLWWWWW").0;
    assert_eq!(resolve(&spec, &halved).ties.len(), 5);

    // A stretch missing in the middle, under other numbers.
    let letters = format!("{}{}", &SEQUENCE[..8], &SEQUENCE[11..20]);
    let gapped = Builder::new().run("A", 1..=20, SEQUENCE).run("B", 101..=117, &letters).0;
    let plan = resolve(&spec, &gapped);
    let members: Vec<_> = plan.ties.iter().map(|group| group.members.clone()).collect();
    let expected: Vec<_> = (0..8).chain(11..20).zip(20..).map(|(a, b)| vec![a, b]).collect();
    assert_eq!(members, expected);
    warned(&plan, "3 residues without counterpart are not: A9-11");
}
