//! Which residues are designed and with which letters, and how a plan is summed up.

use fastmpnn::spec::{DesignSpec, OrderKind, parse_selection};

use super::hostile::Random;
use super::wishes::{Builder, SEQUENCE, choices, designed, dimer, letter, motley, refusal, resolve, strings, warned};

#[test]
fn precedence_of_chains_fix_and_redesign() {
    let structure = dimer();
    let all = resolve(&DesignSpec::default(), &structure);
    assert_eq!(designed(&all), (0..40).collect::<Vec<_>>());
    assert!(all.warnings.is_empty() && all.ties.is_empty());

    let chains = DesignSpec { chains: Some("B".into()), ..DesignSpec::default() };
    assert_eq!(designed(&resolve(&chains, &structure)), (20..40).collect::<Vec<_>>());

    let fix = DesignSpec { fix: strings(&["B1-18", "A"]), ..DesignSpec::default() };
    assert_eq!(designed(&resolve(&fix, &structure)), [38, 39]);

    let beaten = DesignSpec { fix: strings(&["A"]), redesign: strings(&["A1-2", "B5"]), ..DesignSpec::default() };
    let plan = resolve(&beaten, &structure);
    assert_eq!(designed(&plan), [0, 1, 24]);
    warned(&plan, "`redesign` beats `fix`: A1-2 is designed");

    let outside = DesignSpec { chains: Some("B".into()), ..beaten };
    let plan = resolve(&outside, &structure);
    assert_eq!(designed(&plan), [24]);
    warned(&plan, "`redesign` names A1-2, in chains that `chains` leaves fixed: not designed");

    let beyond = DesignSpec { fix: strings(&["A15-25"]), ..DesignSpec::default() };
    let plan = resolve(&beyond, &structure);
    assert_eq!(designed(&plan).len(), 34);
    warned(&plan, "`fix` `A15-25`: the range goes beyond chain A, which runs 1–20");
}

#[test]
fn masked_residues_are_not_designed_and_unknown_letters_are() {
    let structure = Builder::new().run("A", 1..=4, "AXCD").masked(2).0;
    assert_eq!(designed(&resolve(&DesignSpec::default(), &structure)), [0, 1, 3]);
    let spec = DesignSpec { redesign: strings(&["A2-3"]), ..DesignSpec::default() };
    let plan = resolve(&spec, &structure);
    assert_eq!(designed(&plan), [1]);
    warned(&plan, "`redesign` names A3, without a complete backbone (N, CA, C, O): not designed");
    assert_eq!(plan.summary(&structure), "designs A2 (1 residue); fixes A1,A4 (2 residues); masks A3 (1 residue)");
    let nothing = Builder::new().run("A", 1..=2, "A").masked(0).masked(1).0;
    assert_eq!(
        refusal(&DesignSpec::default(), &nothing),
        "nothing is left to design in test: of its 2 residues, 0 are fixed and 2 have no complete backbone"
    );
}

#[test]
fn letters_and_biases_add_up() {
    let structure = dimer();
    let spec = DesignSpec {
        omit: "c,M".into(),
        omit_at: strings(&["A1-2:W", "A:2:y"]),
        bias: strings(&["A=-1.0,W=0.5", "ek:-0.25"]),
        bias_at: strings(&["A1-2:F=1.0", "A1-5:W=2.0", "A4,A5:F=1", "A3:F=3"]),
        ..DesignSpec::default()
    };
    let plan = resolve(&spec, &structure);
    assert_eq!(choices(&plan, 0), "ADEFGHIKLNPQRSTVY");
    assert_eq!(choices(&plan, 1), "ADEFGHIKLNPQRSTV");
    assert_eq!(choices(&plan, 20), "ADEFGHIKLNPQRSTVWY");
    let bias = |index: usize, code: char| plan.bias[index][letter(code).index()];
    assert_eq!(bias(0, 'A'), -1.0);
    assert_eq!((bias(0, 'W'), bias(20, 'W')), (2.5, 0.5));
    assert_eq!((bias(0, 'F'), bias(2, 'F'), bias(5, 'F')), (1.0, 3.0, 0.0));
    assert_eq!((bias(9, 'E'), bias(9, 'K'), bias(9, 'X')), (-0.25, -0.25, 0.0));
    assert_eq!(plan.warnings, [""; 0]);
    assert_eq!(
        plan.summary(&structure),
        "designs A1-20,B1-20 (40 residues); fixes nothing; omits CM; omits W at A1; omits WY at A2; \
         biases A=-1,E=-0.25,K=-0.25; biases F=1,W=2.5 at A1-2,A4-5; biases F=3,W=2.5 at A3; \
         biases W=0.5 at A6-20,B1-20"
    );
    let idle = DesignSpec {
        fix: strings(&["A"]),
        omit: "ACDEFGHIKLMNPQRSTVW".into(),
        omit_at: strings(&["A1-3:Y"]),
        bias: strings(&["X=1"]),
        ..DesignSpec::default()
    };
    let plan = resolve(&idle, &structure);
    assert_eq!(choices(&plan, 30), "Y");
    warned(&plan, "`omit_at` `A1-3:Y` has no effect at A1-3, not designed");
    warned(&plan, "X is never drawn");
}

#[test]
fn a_letter_has_one_bias() {
    let structure = dimer();
    let bias = |texts: &[&str]| DesignSpec { bias: strings(texts), ..DesignSpec::default() };
    assert_eq!(refusal(&bias(&["W=1,W=2"]), &structure), "`bias` `W=1,W=2`: W has two biases, 1 and 2; give it one");
    assert_eq!(
        refusal(&bias(&["W=1", "EKW=-2"]), &structure),
        "`bias` `EKW=-2`: W has two biases, 1 and -2; give it one"
    );
    let at = |texts: &[&str]| DesignSpec { bias_at: strings(texts), ..DesignSpec::default() };
    assert_eq!(
        refusal(&at(&["A1-5:F=1", "A3:F=3"]), &structure),
        "`bias_at` `A3:F=3`: F has two biases at A3, 1 and 3; give it one"
    );
    assert_eq!(
        refusal(&at(&["A1:F=1,F=2"]), &structure),
        "`bias_at` `A1:F=1,F=2`: F has two biases at A1, 1 and 2; give it one"
    );
    // The same value twice is fine, and a bias at a residue is added to the global one.
    resolve(&bias(&["W=1,W=1.0"]), &structure);
    let both = DesignSpec { bias: strings(&["W=1"]), ..at(&["A1-5:W=2", "A5-9:W=2"]) };
    let plan = resolve(&both, &structure);
    assert_eq!((plan.bias[4][letter('W').index()], plan.bias[9][letter('W').index()]), (3.0, 1.0));
}

#[test]
fn summaries_stay_short_and_read_back() {
    let single = Builder::new().run("A", 1..=106, SEQUENCE).0;
    let spec = DesignSpec { omit: "C".into(), order: OrderKind::Chain, ..DesignSpec::default() };
    assert_eq!(
        resolve(&spec, &single).summary(&single),
        "designs A1-106 (106 residues); fixes nothing; omits C; decodes in chain order"
    );
    let odd: Vec<String> = (1..=106).step_by(2).map(|number| format!("A{number}")).collect();
    let spec = DesignSpec { redesign: vec![odd.join(" ")], ..DesignSpec::default() };
    let summary = resolve(&spec, &single).summary(&single);
    assert!(
        summary.starts_with(
            "designs A1,A3,A5,A7,A9,A11,A13,A15,A17,A19,A21,A23 and 41 more ranges (53 residues); fixes A2,"
        ),
        "{summary}"
    );

    // What a summary says is designed selects exactly that again, insertion codes and odd chain ids included.
    let structure = motley();
    let mut random = Random(7);
    for _ in 0..2000 {
        let count = structure.residues.len();
        let (start, length) = (random.below(count), 1 + random.below(9));
        let other = random.below(count);
        let wanted: Vec<usize> = (0..count).filter(|&i| (start..start + length).contains(&i) || i == other).collect();
        let mut plan = resolve(&DesignSpec::default(), &structure);
        plan.designed = (0..count).map(|index| wanted.contains(&index)).collect();
        let summary = plan.summary(&structure);
        let ranges = summary
            .strip_prefix("designs ")
            .and_then(|rest| rest.split_once(" ("))
            .map(|(ranges, _)| ranges)
            .expect("a clause");
        let read = parse_selection(ranges, &structure).unwrap_or_else(|e| panic!("{ranges}: {e}"));
        assert_eq!(read, wanted, "{ranges}");
    }
}

#[test]
fn orders_have_names() {
    assert_eq!("random".parse(), Ok(OrderKind::Random));
    assert_eq!(" Chain".parse(), Ok(OrderKind::Chain));
    assert_eq!(OrderKind::default(), OrderKind::Random);
    for kind in OrderKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    let error = "reverse".parse::<OrderKind>().expect_err("no such order");
    assert_eq!(error.to_string(), "no decoding order `reverse`; the orders are random, chain, colored");
}

#[test]
fn wishes_are_settings_that_can_be_written_down() {
    let spec: DesignSpec = serde_json::from_str("{}").expect("everything has a default");
    assert_eq!(spec, DesignSpec::default());
    let spec = DesignSpec {
        chains: Some("A".into()),
        tie: strings(&["A1=A2"]),
        order: OrderKind::Chain,
        ..DesignSpec::default()
    };
    let text = serde_json::to_string(&spec).expect("plain strings");
    assert!(text.contains(r#""order":"chain""#), "{text}");
    assert_eq!(serde_json::from_str::<DesignSpec>(&text).expect(&text), spec);
    assert!(serde_json::from_str::<DesignSpec>(r#"{"fixed": ["A1"]}"#).is_err());
}
