//! The options of a command and the fields of its request are the same words.

use std::collections::BTreeSet;

use clap::FromArgMatches;
use fastmpnn_pipeline::request::{
    DesignRequest, PackRequest, ProbsRequest, RankRequest, Request, ScanRequest, ScoreRequest,
};

use super::{Args, Command};

/// Options that say how the program runs and what it prints: the results do not depend on them.
const OF_THE_FRONT_END: [&str; 7] = ["help", "threads", "memory_limit", "quiet", "verbose", "cache", "cache_precision"];

/// `pack` takes the option of the other commands to say that it computes in f32.
const REFUSED_ON_PACKING: [&str; 1] = ["precision"];

/// How many mutations `scan` prints.
const PRINTED_OF_A_SCAN: [&str; 2] = ["top", "all"];

fn compare<R: Request>(more: &[&str]) {
    let mut command = Args::command_line();
    command.build();
    let command = command.find_subcommand(R::NAME).expect("a command of that name");
    let mut options = BTreeSet::new();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        if OF_THE_FRONT_END.contains(&id) || more.contains(&id) {
            continue;
        }
        let long = argument.get_long().unwrap_or("inputs");
        assert_eq!(long.replace('-', "_"), id, "the option and its field have one name");
        options.insert(id.to_owned());
    }
    let fields: BTreeSet<String> = R::fields().into_iter().collect();
    assert_eq!(options, fields, "{}", R::NAME);
}

#[test]
fn every_field_has_its_option_and_every_option_its_field() {
    compare::<DesignRequest>(&[]);
    compare::<ScoreRequest>(&[]);
    compare::<ProbsRequest>(&[]);
    compare::<ScanRequest>(&PRINTED_OF_A_SCAN);
    compare::<PackRequest>(&REFUSED_ON_PACKING);
    compare::<RankRequest>(&[]);
}

fn parsed(arguments: &[&str]) -> Command {
    let arguments = ["fastmpnn"].iter().chain(arguments);
    let matches = Args::command_line().try_get_matches_from(arguments).expect("arguments");
    Args::from_arg_matches(&matches).expect("arguments").command.expect("a command")
}

#[test]
fn a_command_without_options_is_the_default_request() {
    let Command::Design(args) = parsed(&["design", "x.pdb"]) else { panic!("design") };
    let mut design = DesignRequest::default();
    design.input.inputs = vec!["x.pdb".into()];
    assert_eq!(DesignRequest::from(*args), design);
    let Command::Score(args) = parsed(&["score", "x.pdb"]) else { panic!("score") };
    assert_eq!(ScoreRequest::from(args), ScoreRequest { input: design.input.clone(), ..ScoreRequest::default() });
    let Command::Probs(args) = parsed(&["probs", "x.pdb"]) else { panic!("probs") };
    assert_eq!(ProbsRequest::from(args), ProbsRequest { input: design.input.clone(), ..ProbsRequest::default() });
    let Command::Scan(args) = parsed(&["scan", "x.pdb"]) else { panic!("scan") };
    assert_eq!(ScanRequest::from(*args), ScanRequest { input: design.input.clone(), ..ScanRequest::default() });
    let Command::Pack(args) = parsed(&["pack", "x.pdb"]) else { panic!("pack") };
    assert_eq!(PackRequest::from(args), PackRequest { input: design.input, ..PackRequest::default() });
}

#[test]
fn options_and_json_say_the_same() {
    let Command::Design(args) = parsed(&[
        "design",
        "x.pdb",
        "-n",
        "8",
        "-T",
        "0.1,0.25",
        "--fix",
        "A1-10",
        "--trb",
        "--altloc",
        "B",
        "--gaps",
        "ignore",
        "--ligand",
        "HEM:A:5",
        "--model",
        "ligand",
        "--noise",
        "0.05",
        "--precision",
        "bf16",
        "--structure-format",
        "cif",
        "-o",
        "out",
        "--pack",
        "--chain-separator",
        ":",
        "--membrane-global",
        "soluble",
    ]) else {
        panic!("design")
    };
    let json = r#"{ "inputs": ["x.pdb"], "num_seqs": 8, "temperature": [0.1, 0.25], "fix": ["A1-10"], "trb": true,
        "altloc": "B", "gaps": "ignore", "ligand": ["HEM:A:5"], "model": "ligand", "noise": 0.05, "precision": "bf16",
        "structure_format": "cif", "out": "out", "pack": true, "chain_separator": ":", "membrane_global": "soluble" }"#;
    assert_eq!(DesignRequest::from(*args), DesignRequest::from_json(json).expect("a request"));
}
