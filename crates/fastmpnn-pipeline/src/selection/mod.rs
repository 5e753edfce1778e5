//! Which designs are kept: those that meet the conditions of a filter, are the best of their structure, and differ enough
//! from better ones.
//!
//! ```text
//! rows ─▶ Filter, one by one ─▶ candidates of a structure ─▶ Ranking: best first, far enough from those kept, at most `top`
//! ```

mod design_row;
mod of_structure;
mod ranking;
mod report;

pub use design_row::{DesignRunColumns, DesignValues, StructureMeasures, measure_columns};
pub(crate) use of_structure::StructureSelection;
pub use ranking::{Candidate, Ranking};
pub(crate) use report::SelectionCounts;
pub use report::{SelectionReport, SelectionStep};

use crate::error::{PipelineError, refusal};
use crate::filter::{Columns, ExpressionError, Filter, Row, Verdict};
use crate::measure::properties::PropertySet;
use crate::message::Field;
use crate::request::{DesignRequest, SelectionSettings};

/// What is kept of the designs of each structure.
#[derive(Clone, Debug)]
pub struct Selection {
    filter: Filter,
    ranking: Ranking,
    properties: PropertySet,
}

impl Selection {
    /// The selection of these settings, over these columns; refused where an expression cannot be used.
    pub fn new(settings: &SelectionSettings, columns: &dyn Columns) -> Result<Selection, PipelineError> {
        let filter = Filter::parse(&settings.filter, columns);
        let filter = filter.map_err(|error| refusal(format!("{} {error}", Field("filter"))))?;
        Ok(Selection { filter, ranking: Ranking::new(settings, columns)?, properties: settings.properties()? })
    }

    /// The selection among the designs of a request, drawn by a network that sees ligands or not; `None` where all are kept.
    pub fn of_designs(request: &DesignRequest, ligands: bool) -> Result<Option<Selection>, PipelineError> {
        let settings = &request.selection;
        if settings.keeps_all() {
            return Ok(None);
        }
        let properties = &settings.properties()?;
        let rescored = request.rescore_orders.is_some();
        Selection::new(settings, &DesignRunColumns { properties, rescored, ligands }).map(Some)
    }

    /// The properties of sequences that it can name.
    pub fn properties(&self) -> &PropertySet {
        &self.properties
    }

    /// What it does, with nothing counted yet.
    pub fn report(&self) -> SelectionReport {
        let keys = || self.ranking.keys().collect::<Vec<_>>().join(" or ");
        let distance = self.ranking.min_distance().map(|least| format!("distance >= {least}"));
        let top = self.ranking.top().map(|top| format!("the best {top} by {}", keys()));
        SelectionReport::new(self.filter.clauses(), distance, top)
    }

    /// The columns that it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.filter.names().chain(self.ranking.names())
    }

    /// Whether it is decided only once all designs of a structure are made.
    pub fn compares(&self) -> bool {
        self.ranking.compares()
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The ranking.
    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// Whether a row meets the conditions; counted in the report.
    pub fn passes(&self, row: &dyn Row, report: &mut SelectionReport) -> Result<bool, ExpressionError> {
        let verdict = self.filter.judge(row)?;
        report.add(verdict);
        Ok(verdict == Verdict::Kept)
    }

    /// Which of the candidates of a structure are kept, the best first; counted in the report.
    pub fn choose(&self, candidates: &[Candidate], report: &mut SelectionReport) -> Vec<usize> {
        self.ranking.choose(candidates, report)
    }
}

#[cfg(test)]
mod tests;
