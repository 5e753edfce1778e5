//! A figure: a caption, the picture for wide pages and the one for narrow ones, and keys that are text of the page.

use crate::report::svg::{Svg, escape};

/// The canvas of a picture. Pictures are drawn to fit, not scaled, so that text has the same size on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canvas {
    /// For pages of 900 pixels and more.
    Wide,
    /// For phones.
    Narrow,
}

impl Canvas {
    /// Its width in pixels of the page.
    pub(crate) fn width(self) -> f64 {
        match self {
            Canvas::Wide => 960.0,
            Canvas::Narrow => 330.0,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Canvas::Wide => "wide",
            Canvas::Narrow => "narrow",
        }
    }
}

/// The words that go with a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caption<'a> {
    /// Unique in the page.
    pub(crate) id: &'a str,
    /// The caption.
    pub(crate) title: &'a str,
    /// The picture's numbers, for screen readers.
    pub(crate) description: &'a str,
}

/// A figure whose picture `draw` draws on both canvases; `keys` are [`legend`]s and [`numbered`] lists.
pub(crate) fn figure(caption: Caption<'_>, keys: &Keys, draw: impl Fn(Canvas) -> Svg) -> String {
    let picture = |canvas: Canvas| {
        let id = format!("{}-{}", caption.id, canvas.class());
        let svg = draw(canvas).finish(&id, caption.title, caption.description);
        format!("<div class=\"{}\">{svg}</div>", canvas.class())
    };
    format!(
        "<figure><figcaption>{}</figcaption>{}{}{}{}</figure>",
        escape(caption.title),
        keys.legend,
        picture(Canvas::Wide),
        picture(Canvas::Narrow),
        keys.numbers
    )
}

/// The keys to the marks of a picture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    legend: String,
    numbers: String,
}

impl Keys {
    /// Adds the names of the series, in their colors.
    pub(crate) fn legend<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Keys {
        let items = names.into_iter().enumerate();
        let items: String =
            items.map(|(index, name)| format!("<li class=\"s{}\">{}</li>", index % 6, escape(name))).collect();
        Keys { legend: format!("<ul class=\"legend\">{items}</ul>"), ..self }
    }

    /// Adds the names of numbered points, on both canvases or on narrow pages alone.
    pub(crate) fn numbered<'a>(self, names: impl IntoIterator<Item = &'a str>, only_narrow: bool) -> Keys {
        let items: String = names.into_iter().map(|name| format!("<li>{}</li>", escape(name))).collect();
        let class = if only_narrow { "key narrow" } else { "key" };
        Keys { numbers: format!("<ol class=\"{class}\">{items}</ol>"), ..self }
    }
}
