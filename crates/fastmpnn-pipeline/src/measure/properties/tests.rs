use super::*;

fn chain(id: &str, letters: &str) -> ChainSequence {
    ChainSequence { id: id.to_owned(), letters: letters.to_owned() }
}

fn properties(letters: &str) -> SequenceProperties {
    PropertySet::default().of(&[chain("A", letters)])
}

fn close(value: f64, wanted: f64, tolerance: f64) {
    assert!((value - wanted).abs() <= tolerance, "{value} is not {wanted}");
}

/// Net charge at pH 7, isoelectric point, absorption without and with cystines, and GRAVY of Biopython 1.88's ProtParam
/// (reference/sequence_properties.py).
#[test]
fn numbers_are_those_of_protparam() {
    let lysozyme = "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITASVNC\
                    AKKIVSDGNGMNAWVAWRNRCKGTDVQAWIRGCRL";
    let ubiquitin = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG";
    let check = |letters: &str, charge: f64, point: f64, absorption: [u64; 2], gravy: f64| {
        let found = properties(letters);
        close(found.charge_ph7, charge, 1e-9);
        // Biopython halves its interval until it is 1e-4 wide.
        close(found.isoelectric_point.unwrap(), point, 2e-4);
        assert_eq!([found.epsilon_280, found.epsilon_280_oxidized], absorption);
        close(found.hydrophobicity.unwrap(), gravy, 1e-12);
    };
    check(lysozyme, 7.772433124286126, 9.323756217956543, [37470, 37970], -0.47209302325581387);
    check(ubiquitin, -0.39803655525759574, 6.56157283782959, [1490, 1490], -0.48947368421052634);
    check("PKRKRHHAD", 3.1351609048366735, 11.00302867889404, [0, 0], -2.944444444444444);
    check("G", -0.23989838581069733, 5.525000190734862, [0, 0], -0.4);
}

#[test]
fn each_chain_has_termini_and_motifs_end_with_it() {
    let set = PropertySet::new(&["pair=SK".to_owned()]).unwrap();
    let one = set.of(&[chain("A", "NGSKDDDDKPRNPTNATSK")]);
    assert_eq!((one.charge, one.length, one.longest_run), (3 + 1 - 4, 19, 4));
    assert_eq!(one.glycosylation_sites, ["A:1", "A:15"], "a proline after the asparagine leaves it bare");
    assert_eq!(one.motifs, [2]);
    // Lysine 4; not lysine 9 before a proline; arginine 11; not the last residue, after which there is nothing to cut.
    assert_eq!(one.protease_sites, [2, 0, 0, 0, 0, 1, 0]);
    let two = set.of(&[chain("A", "NG/SK"), chain("B", "N")]);
    assert_eq!((two.glycosylation_sites.len(), two.motifs.as_slice(), two.length), (0, [1].as_slice(), 5));
    let alone = |letters: &str| properties(letters).charge_ph7;
    close(two.charge_ph7, alone("NG") + alone("SK") + alone("N"), 1e-12);
    let later = set.of(&[chain("L", "AA/NAT")]);
    assert_eq!(later.glycosylation_sites, ["L:3"]);
}

#[test]
fn unknown_residues_count_as_residues_only() {
    let found = properties("XXXA");
    assert_eq!((found.length, found.counts[0], found.charge, found.longest_run), (4, 1, 0, 3));
    assert_eq!(found.hydrophobicity, Some(1.8));
    let nothing = PropertySet::default().of(&[]);
    assert_eq!((nothing.isoelectric_point, nothing.hydrophobicity, nothing.charge_ph7), (None, None, 0.0));
}

#[test]
fn sites_of_proteases() {
    let sites = |letters: &str| properties(letters).protease_sites;
    assert_eq!(sites("GLVPRGSG"), [1, 1, 0, 0, 0, 0, 0]);
    assert_eq!(sites("GENLYFQSG"), [0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(sites("RAKRA"), [3, 0, 0, 1, 0, 0, 0]);
    assert_eq!(sites("IEGRIDGR"), [1, 0, 0, 0, 2, 0, 0]);
    assert_eq!(sites("LEVLFQGP"), [0, 0, 0, 0, 0, 0, 1]);
}

#[test]
fn a_value_for_each_column() {
    let set = PropertySet::new(&["his=H{6}".to_owned(), "rgd=RGD".to_owned()]).unwrap();
    let chains = ChainSequence::of_text("HHHHHHH/RGD");
    assert_eq!(chains, [chain("1", "HHHHHHH"), chain("2", "RGD")]);
    let values = set.values(&set.of(&chains));
    let columns = set.columns();
    assert_eq!(columns.len(), values.len());
    for (column, value) in columns.iter().zip(&values) {
        assert!(value.clone().into_kind(column.column.kind).is_some_and(|same| same == *value), "{column:?} {value:?}");
    }
    let of = |name: &str| values[columns.iter().position(|column| column.column.name == name).unwrap()].clone();
    // Overlapping matches count.
    assert_eq!(
        (of("motif_his"), of("motif_rgd"), of("count_H")),
        (Value::Integer(2), Value::Integer(1), Value::Integer(7))
    );
}

#[test]
fn motifs_that_cannot_be_used_are_refused() {
    let refused = |motifs: &[&str]| {
        let motifs: Vec<String> = motifs.iter().map(ToString::to_string).collect();
        PropertySet::new(&motifs).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&["HHH"]),
        "motif: \"HHH\" is not a name and a regular expression, such as glycosylation=N[^P][ST]"
    );
    assert_eq!(refused(&["a b=H"]), "motif: the name of \"a b=H\" is not of letters, digits and underscores");
    assert_eq!(refused(&["a=H("]), "motif: \"H(\" is not a regular expression: unclosed group");
    assert_eq!(refused(&["a=H*"]), "motif: \"H*\" also matches where there are no letters");
    assert_eq!(refused(&["a=H", "a=K"]), "motif: two motifs have the name a");
}
