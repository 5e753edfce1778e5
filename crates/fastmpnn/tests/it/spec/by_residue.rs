//! Settings given as values, compared with the same settings in text.

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::error::SpecError;
use fastmpnn::spec::{ByResidue, DesignPlan, DesignSpec, ResidueSet};
use fastmpnn::structure::{ReadOptions, Structure, read_path};

fn structure() -> Structure {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/6MRR.pdb");
    read_path(path.as_ref(), &ReadOptions::default()).expect("an example")
}

fn index(code: char) -> usize {
    Letter::from_char(code).expect("a letter").index()
}

fn by_residue(spec: DesignSpec, edit: impl FnOnce(&mut ByResidue)) -> Result<DesignPlan, SpecError> {
    let mut by_residue = ByResidue::default();
    edit(&mut by_residue);
    DesignSpec { by_residue, ..spec }.resolve(&structure())
}

#[test]
fn sets_of_residues_are_what_selections_are() {
    let structure = structure();
    let text = |fix: &[&str], redesign: &[&str]| {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let spec = DesignSpec { fix: list(fix), redesign: list(redesign), ..DesignSpec::default() };
        spec.resolve(&structure).expect("a plan")
    };
    let expected = text(&["A3-5"], &[]);
    let ids = structure.residues[2..5].iter().map(|residue| residue.id.clone()).collect();
    let mut mask = vec![false; structure.residues.len()];
    mask[2..5].fill(true);
    let sets = [ResidueSet::Indexes(vec![4, 2, 3]), ResidueSet::Ids(ids), ResidueSet::Mask(mask)];
    for set in sets {
        let found = by_residue(DesignSpec::default(), |wishes| wishes.fix = Some(set.clone())).expect("a plan");
        assert_eq!(found, expected, "{set:?}");
        let found = by_residue(DesignSpec::default(), |wishes| wishes.redesign = Some(set)).expect("a plan");
        assert_eq!(found, text(&[], &["A3-5"]));
    }
    // Values add to text.
    let both = DesignSpec { fix: vec!["A9".to_owned()], ..DesignSpec::default() };
    let found = by_residue(both, |wishes| wishes.fix = Some(ResidueSet::Indexes(vec![2, 3, 4]))).expect("a plan");
    assert_eq!(found, text(&["A3-5", "A9"], &[]));
}

#[test]
fn tables_are_what_lists_are_and_hold_for_tied_partners() {
    let structure = structure();
    let count = structure.residues.len();
    let tied = DesignSpec { tie: vec!["A2=A30".to_owned()], ..DesignSpec::default() };
    let text = DesignSpec {
        omit_at: vec!["A2:CM".to_owned(), "A30:CM".to_owned()],
        bias: vec!["A=0.5".to_owned()],
        bias_at: vec!["A2:W=2.0".to_owned(), "A30:W=2.0".to_owned()],
        ..tied.clone()
    };
    let expected = text.resolve(&structure).expect("a plan");
    let values = DesignSpec { bias: vec!["A=0.5".to_owned()], ..tied };
    let found = by_residue(values, |wishes| {
        wishes.bias = vec![[0.0; VOCABULARY]; count];
        wishes.bias[1][index('W')] = 2.0;
        wishes.omit = vec![[false; VOCABULARY]; count];
        wishes.omit[29][index('C')] = true;
        wishes.omit[1][index('M')] = true;
        wishes.temperature = vec![None; count];
        wishes.temperature[29] = Some(0.5);
    })
    .expect("a plan");
    assert_eq!((&found.bias, &found.omitted), (&expected.bias, &expected.omitted));
    assert_eq!((found.temperature[1], found.temperature[29], found.temperature[0]), (Some(0.5), Some(0.5), None));
    let warm = DesignSpec { temperature: Some(0.7), ..DesignSpec::default() };
    let found = by_residue(warm, |wishes| wishes.temperature = (0..count).map(|at| (at == 3).then_some(0.1)).collect());
    let found = found.expect("a plan").temperature;
    assert_eq!((found[3], found[4]), (Some(0.1), Some(0.7)));
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let count = structure().residues.len();
    let refused = |spec: DesignSpec, edit: fn(&mut ByResidue)| {
        let error = by_residue(spec, edit).expect_err("no plan");
        (error.to_string(), error)
    };
    let plain = DesignSpec::default;
    let (sentence, error) = refused(plain(), |wishes| wishes.fix = Some(ResidueSet::Indexes(vec![9999])));
    assert!(matches!(error, SpecError::NoSuchResidue { field: "fix", .. }));
    assert_eq!(sentence, "`fix`: 6MRR has no residue of index 9999");
    let (sentence, error) = refused(plain(), |wishes| wishes.bias = vec![[0.0; VOCABULARY]; 3]);
    assert_eq!(error, SpecError::RowCount { field: "bias", found: 3, expected: count, structure: "6MRR".to_owned() });
    assert_eq!(sentence, "`bias`: the table has 3 rows, and 6MRR has 68 residues");
    let (_, error) = refused(plain(), |wishes| wishes.redesign = Some(ResidueSet::Mask(Vec::new())));
    assert!(matches!(error, SpecError::RowCount { field: "redesign", found: 0, .. }));
    let (_, error) = refused(plain(), |wishes| wishes.bias = vec![[f32::NAN; VOCABULARY]; 68]);
    assert_eq!(error, SpecError::NotFinite { field: "bias", residue: "A1".to_owned() });
    let cold = DesignSpec { temperature: Some(-1.0), ..plain() };
    assert!(matches!(refused(cold, |_| ()).1, SpecError::NotFinite { field: "temperature", .. }));
    let tied = DesignSpec { tie: vec!["A2=A30".to_owned()], ..plain() };
    let (sentence, _) = refused(tied, |wishes| {
        wishes.bias = vec![[0.0; VOCABULARY]; 68];
        wishes.bias[1][0] = 1.0;
        wishes.bias[29][0] = 2.0;
    });
    assert_eq!(sentence, "`bias`: the tied residues A2 and A30 have different rows");
}
