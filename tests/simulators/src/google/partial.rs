//! Partial answers: the `fields` parameter.
//!
//! # Source
//! developers.google.com/workspace/calendar/api/guides/performance#partial

use std::collections::BTreeMap;

use serde_json::Value;

use super::refusal::Refusal;

/// Which fields of an object are wanted; an empty mask wants all of it.
#[derive(Debug, Default)]
struct Mask(BTreeMap<String, Mask>);

/// Leaves only the named fields, such as `items(id,start/date),nextPageToken`.
pub(super) fn cut(value: &mut Value, fields: &str) -> Result<(), Refusal> {
    let mut rest = fields.chars().peekable();
    let mut mask = Mask::default();
    let read = read_list(&mut rest, &mut mask);
    if read.is_none() || rest.next().is_some() || mask.0.is_empty() {
        return Err(Refusal::new(
            400,
            "invalidParameter",
            format!("Invalid field selection {fields}"),
        )
        .at_parameter("fields"));
    }
    apply(value, &mask);
    Ok(())
}

type Rest<'text> = std::iter::Peekable<std::str::Chars<'text>>;

fn read_list(rest: &mut Rest<'_>, mask: &mut Mask) -> Option<()> {
    loop {
        read_path(rest, mask)?;
        if rest.peek() != Some(&',') {
            return Some(());
        }
        rest.next();
    }
}

fn read_path(rest: &mut Rest<'_>, mask: &mut Mask) -> Option<()> {
    let mut name = String::new();
    while let Some(letter) = rest.next_if(|letter| letter.is_alphanumeric() || ['*', '_'].contains(letter)) {
        name.push(letter);
    }
    if name.is_empty() {
        return None;
    }
    let inner = mask.0.entry(name).or_default();
    match rest.peek() {
        Some('/') => {
            rest.next();
            read_path(rest, inner)
        }
        Some('(') => {
            rest.next();
            read_list(rest, inner)?;
            (rest.next() == Some(')')).then_some(())
        }
        _ => Some(()),
    }
}

fn apply(value: &mut Value, mask: &Mask) {
    if mask.0.is_empty() {
        return;
    }
    if let Some(items) = value.as_array_mut() {
        for item in items {
            apply(item, mask);
        }
    } else if let Some(fields) = value.as_object_mut() {
        let all = mask.0.get("*");
        fields.retain(|name, _| all.is_some() || mask.0.contains_key(name));
        for (name, inner) in fields.iter_mut() {
            if let Some(mask) = mask.0.get(name).or(all) {
                apply(inner, mask);
            }
        }
    }
}
