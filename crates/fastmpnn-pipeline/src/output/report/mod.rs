//! `--report`: a page that shows designs and works from the disk. A program that was built with the page writes it with all
//! its pictures; another one writes a plain page.

mod plain;
mod records;
mod settings;

use std::path::PathBuf;

use fastmpnn::Engine;
use fastmpnn_report::{Page, Template};

use self::plain::PlainPage;
use self::records::{DesignRecord, EndRecord, FailedRecord, LogProbabilities, RunRecord, StructureRecord};
use super::{AtomicFile, DesignResult, DesignTarget, FileOfEach, NativeOutcome, OutputFailure, WritingTo};
use crate::error::PipelineError;
use crate::request::DesignRequest;
use crate::run::FailedInput;

/// The heat map of larger structures is too wide to look at.
pub(crate) const MOST_HEAT_RESIDUES: usize = 3000;

/// How reports are written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReportForm {
    /// What a report is made of.
    pub page: ReportPage,
    /// A report of this size, bytes, takes no more designs.
    pub most_bytes: u64,
}

/// What a report is made of.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum ReportPage {
    /// The page that was embedded when the program was built, or tables where there is none.
    #[default]
    Built,
    /// Tables, without a script.
    Plain,
    /// This page.
    Template(Template),
}

impl Default for ReportForm {
    fn default() -> ReportForm {
        // Browsers read so much in a few seconds.
        ReportForm { page: ReportPage::Built, most_bytes: 64_000_000 }
    }
}

impl ReportForm {
    fn template(&self) -> Option<Template> {
        match &self.page {
            ReportPage::Built => Template::built(),
            ReportPage::Plain => None,
            ReportPage::Template(template) => Some(template.clone()),
        }
    }
}

/// The report of a run: one file for all structures, or one for each.
pub(crate) struct DesignReport<'a> {
    places: FileOfEach<'a>,
    template: Option<Template>,
    run: RunRecord,
    most_bytes: u64,
    open: Option<OpenReport>,
}

/// A report that is being written.
struct OpenReport {
    sheet: Sheet,
    path: PathBuf,
    /// Whether the structure that is designed on is in it.
    has_structure: bool,
    end: EndRecord,
}

/// The file.
enum Sheet {
    /// Data for the script of the page.
    Full(Page<AtomicFile>),
    /// A table without a script.
    Plain(PlainPage<AtomicFile>),
}

impl<'a> DesignReport<'a> {
    /// None where a request asks for none.
    pub(crate) fn open(
        request: &'a DesignRequest,
        engine: &Engine,
        has_values: bool,
        form: &ReportForm,
    ) -> Result<Option<DesignReport<'a>>, PipelineError> {
        let Some(path) = &request.report else { return Ok(None) };
        // A file takes any number of structures.
        let places = FileOfEach::open("report", path, "html", 1)?;
        let network = engine.checkpoint_name().to_owned();
        let run = RunRecord { version: env!("CARGO_PKG_VERSION"), network, has_values };
        let (template, most_bytes) = (form.template(), form.most_bytes);
        let mut report = DesignReport { places, template, run, most_bytes, open: None };
        if let FileOfEach::One(path) = report.places {
            report.open = Some(report.begin_file(path.to_owned())?);
        }
        Ok(Some(report))
    }

    fn begin_file(&self, path: PathBuf) -> Result<OpenReport, OutputFailure> {
        let begin = || {
            let file = AtomicFile::create(&path)?;
            Ok(match &self.template {
                Some(template) => {
                    let mut page = Page::begin(file, template.clone())?;
                    page.block("run", &self.run)?;
                    Sheet::Full(page)
                }
                None => Sheet::Plain(PlainPage::begin(file, &self.run)?),
            })
        };
        let sheet = begin().writing_to(path.display())?;
        Ok(OpenReport { sheet, path, has_structure: false, end: EndRecord::default() })
    }

    /// Begins a structure. `log_p` is ln p of all letters, given the backbone alone. `[N, V]`
    pub(crate) fn begin(
        &mut self,
        native: &NativeOutcome<'_>,
        log_p: Option<&LogProbabilities>,
    ) -> Result<(), PipelineError> {
        if let FileOfEach::Folder { .. } = self.places {
            let path = self.places.path_of(&native.target.structure.name);
            self.open = Some(self.begin_file(path)?);
        }
        let most = self.most_bytes;
        let Some(open) = &mut self.open else { return Ok(()) };
        open.has_structure = open.sheet.bytes() < most;
        if !open.has_structure {
            open.end.structures_left_out += 1;
            return Ok(());
        }
        let record = StructureRecord::of(native, log_p)?;
        match &mut open.sheet {
            Sheet::Full(page) => page.block("structure", &record),
            Sheet::Plain(page) => page.structure(record),
        }
        .writing_to(open.path.display())?;
        Ok(())
    }

    /// Adds some of its designs.
    pub(crate) fn add(&mut self, target: &DesignTarget<'_>, designs: &[DesignResult]) -> Result<(), OutputFailure> {
        let most = self.most_bytes;
        let Some(open) = &mut self.open else { return Ok(()) };
        if !open.has_structure || open.sheet.bytes() >= most {
            open.end.designs_left_out += designs.len() as u64;
            return Ok(());
        }
        let records: Vec<DesignRecord> = designs.iter().map(|design| DesignRecord::of(target, design)).collect();
        match &mut open.sheet {
            Sheet::Full(page) => page.block("designs", &records),
            Sheet::Plain(page) => page.designs(&records),
        }
        .writing_to(open.path.display())
    }

    /// Ends a structure.
    pub(crate) fn end(&mut self, stopped: bool) -> Result<(), OutputFailure> {
        match self.places {
            FileOfEach::Folder { .. } => self.close(&[], stopped),
            FileOfEach::One(_) => Ok(()),
        }
    }

    /// Gives the file of all structures its name.
    pub(crate) fn finish(mut self, failed: &[FailedInput], stopped: bool) -> Result<(), OutputFailure> {
        self.close(failed, stopped)
    }

    fn close(&mut self, failed: &[FailedInput], stopped: bool) -> Result<(), OutputFailure> {
        let Some(OpenReport { sheet, path, mut end, .. }) = self.open.take() else { return Ok(()) };
        let record =
            |failed: &FailedInput| FailedRecord { input: failed.input.clone(), error: failed.error.to_string() };
        end.failed = failed.iter().map(record).collect();
        (end.stopped, end.most_bytes) = (stopped, self.most_bytes);
        let close = || {
            match sheet {
                Sheet::Full(mut page) => {
                    page.block("end", &end)?;
                    page.end()?
                }
                Sheet::Plain(page) => page.end(&end)?,
            }
            .commit()
        };
        close().writing_to(path.display())
    }
}

impl Sheet {
    /// The bytes so far.
    fn bytes(&self) -> u64 {
        match self {
            Sheet::Full(page) => page.bytes(),
            Sheet::Plain(page) => page.bytes(),
        }
    }
}
