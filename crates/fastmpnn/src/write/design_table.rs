//! The table of designs, `designs.csv`.

use std::io::{self, Write};

use super::table::plain;
use crate::structure::Structure;

/// One design.
#[derive(Clone, Debug)]
pub struct DesignRow {
    /// The structure's name.
    pub name: String,
    /// The sample's number, from 1.
    pub sample: u64,
    /// The sampling temperature.
    pub temperature: f32,
    /// The seed.
    pub seed: u64,
    /// Mean −ln p over the designed residues in the decoding order that the design was drawn in, nats.
    pub score: Option<f64>,
    /// The mean of that score over random decoding orders.
    pub rescored: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    pub global_score: Option<f64>,
    /// The fraction of designed residues with a known native letter that have that letter.
    pub recovery: Option<f64>,
    /// Measures of residues near ligands, if the network sees ligands.
    pub ligand: Option<LigandMeasures>,
    /// What goals for whole sequences came to, if there were any.
    pub goals: Option<GoalMeasures>,
    /// The file of its structure, if one was written.
    pub file: Option<String>,
    /// One letter per residue, with a separator between chains.
    pub sequence: String,
    /// The letters of each chain by its id.
    pub chains: Vec<(String, String)>,
}

/// The measures that LigandMPNN reports for a design besides its score. A confidence is the geometric mean of the
/// letters' probabilities, exp(mean ln p).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LigandMeasures {
    /// Over the designed residues.
    pub overall_confidence: Option<f64>,
    /// Over the designed residues near a ligand.
    pub ligand_confidence: Option<f64>,
    /// The fraction of designed residues near a ligand and with a known native letter that have that letter.
    pub ligand_recovery: Option<f64>,
}

/// The measures of a design that was drawn under goals for whole sequences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoalMeasures {
    /// The net charge of the protein, all chains together: [`Letter::charge`](crate::chemistry::Letter::charge) summed up.
    pub charge: i32,
    /// What the goals cost, nats: [`Design::constraint_cost`](crate::decode::Design::constraint_cost).
    pub constraint_cost: f64,
}

/// The columns of a table of designs.
#[derive(Clone, Debug)]
pub struct DesignColumns {
    /// Whether there are columns for residues near ligands.
    pub ligands: bool,
    /// Whether there is a column `rescored`.
    pub rescored: bool,
    /// Whether there are columns for goals of whole sequences.
    pub goals: bool,
    /// The ids of the chains that have a column.
    chains: Vec<String>,
}

impl DesignColumns {
    /// Columns without any chain.
    pub fn new(ligands: bool, rescored: bool) -> DesignColumns {
        DesignColumns { ligands, rescored, goals: false, chains: Vec::new() }
    }

    /// With another [`DesignColumns::goals`].
    #[must_use]
    pub fn with_goals(self, goals: bool) -> DesignColumns {
        DesignColumns { goals, ..self }
    }

    /// The ids of the chains that have a column.
    pub fn chains(&self) -> &[String] {
        &self.chains
    }

    /// Adds columns for the chains of a structure that have none yet; returns whether any were added.
    pub fn add_chains(&mut self, structure: &Structure) -> bool {
        let before = self.chains.len();
        for chain in &structure.chains {
            if !self.chains.iter().any(|id| **id == *chain.id) {
                self.chains.push(chain.id.to_string());
            }
        }
        self.chains.len() > before
    }

    /// Writes the header line: a chain's column is `sequence_` and its id.
    pub fn write_header(&self, out: impl Write) -> io::Result<()> {
        let mut names = vec!["name", "sample", "temperature", "seed", "score"];
        names.extend(self.rescored.then_some("rescored"));
        names.extend(["global_score", "recovery"]);
        if self.ligands {
            names.extend(["overall_confidence", "ligand_confidence", "ligand_recovery"]);
        }
        if self.goals {
            names.extend(["charge", "constraint_cost"]);
        }
        names.extend(["file", "sequence"]);
        let chains = self.chains.iter().map(|id| format!("sequence_{id}"));
        let mut table = csv::Writer::from_writer(out);
        table.write_record(names.into_iter().map(str::to_owned).chain(chains)).map_err(plain)?;
        table.flush()
    }

    /// Writes rows in the given order. The column of a chain that a structure does not have is empty.
    pub fn write_rows(&self, out: impl Write, rows: &[DesignRow]) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(out);
        for row in rows {
            table.write_record(self.cells(row)).map_err(plain)?;
        }
        table.flush()
    }

    fn cells(&self, row: &DesignRow) -> Vec<String> {
        let mut cells = vec![
            row.name.clone(),
            row.sample.to_string(),
            // 1.0 for 1, as in the other tables.
            format!("{:?}", row.temperature),
            row.seed.to_string(),
            rounded(row.score),
        ];
        cells.extend(self.rescored.then(|| rounded(row.rescored)));
        cells.extend([rounded(row.global_score), rounded(row.recovery)]);
        if self.ligands {
            let measure = |of: fn(&LigandMeasures) -> Option<f64>| rounded(row.ligand.as_ref().and_then(of));
            cells.push(measure(|ligand| ligand.overall_confidence));
            cells.push(measure(|ligand| ligand.ligand_confidence));
            cells.push(measure(|ligand| ligand.ligand_recovery));
        }
        if self.goals {
            cells.push(row.goals.map_or_else(String::new, |goals| goals.charge.to_string()));
            cells.push(rounded(row.goals.map(|goals| goals.constraint_cost)));
        }
        cells.extend([row.file.clone().unwrap_or_default(), row.sequence.clone()]);
        cells.extend(self.chains.iter().map(|id| {
            let chain = row.chains.iter().find(|(other, _)| other == id);
            chain.map_or_else(String::new, |(_, letters)| letters.clone())
        }));
        cells
    }
}

/// Rounds to six decimals, the precision of f32.
fn rounded(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{:?}", (value * 1e6).round() / 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::Chain;

    fn structure(chains: &[&str]) -> Structure {
        let chain = |id: &&str| Chain { id: (*id).into(), label_id: None, residues: 0..0 };
        Structure { chains: chains.iter().map(chain).collect(), ..Structure::default() }
    }

    fn text(columns: &DesignColumns, rows: &[DesignRow]) -> String {
        let mut text = Vec::new();
        columns.write_header(&mut text).unwrap();
        columns.write_rows(&mut text, rows).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn columns_are_those_that_the_run_has_values_for() {
        let row = DesignRow {
            name: "a".to_owned(),
            sample: 3,
            temperature: 0.1,
            seed: 37,
            score: Some(0.5),
            rescored: Some(1.0 / 3.0),
            global_score: None,
            recovery: Some(1.0),
            ligand: Some(LigandMeasures {
                overall_confidence: Some(0.6),
                ligand_confidence: None,
                ligand_recovery: Some(0.25),
            }),
            goals: Some(GoalMeasures { charge: -1, constraint_cost: 0.25 }),
            file: Some("structures/a_3.pdb".to_owned()),
            sequence: "AC/D".to_owned(),
            chains: vec![("A".to_owned(), "AC".to_owned()), ("B".to_owned(), "D".to_owned())],
        };
        let mut columns = DesignColumns::new(false, false);
        assert!(columns.add_chains(&structure(&["A"])));
        assert_eq!(
            text(&columns, std::slice::from_ref(&row)),
            "name,sample,temperature,seed,score,global_score,recovery,file,sequence,sequence_A\n\
             a,3,0.1,37,0.5,,1.0,structures/a_3.pdb,AC/D,AC\n"
        );
        let mut goals = DesignColumns::new(false, false).with_goals(true);
        assert!(goals.add_chains(&structure(&["A"])));
        assert_eq!(
            text(&goals, std::slice::from_ref(&row)),
            "name,sample,temperature,seed,score,global_score,recovery,charge,constraint_cost,file,sequence,sequence_A\n\
             a,3,0.1,37,0.5,,1.0,-1,0.25,structures/a_3.pdb,AC/D,AC\n"
        );
        let mut columns = DesignColumns::new(true, true);
        assert!(columns.add_chains(&structure(&["C", "B", "C"])));
        assert!(!columns.add_chains(&structure(&["B"])));
        assert!(columns.add_chains(&structure(&["B", "A"])));
        assert_eq!(
            text(&columns, &[DesignRow { file: None, temperature: 1.0, ..row }]),
            "name,sample,temperature,seed,score,rescored,global_score,recovery,overall_confidence,ligand_confidence,\
             ligand_recovery,file,sequence,sequence_C,sequence_B,sequence_A\n\
             a,3,1.0,37,0.5,0.333333,,1.0,0.6,,0.25,,AC/D,,D,AC\n"
        );
    }
}
