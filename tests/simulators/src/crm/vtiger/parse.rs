//! The query language (section 3): no parentheses but for lists, no empty literals, a semicolon at the end.

use super::error::Refused;

/// A query, taken apart.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) columns: Vec<String>,
    pub(super) module: String,
    /// Alternatives of conditions that must all hold: `and` binds tighter than `or`.
    pub(super) alternatives: Vec<Vec<Condition>>,
    pub(super) order: Vec<String>,
    pub(super) descending: bool,
    pub(super) offset: usize,
    pub(super) limit: Option<usize>,
}

/// One condition.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) column: String,
    pub(super) operator: String,
    pub(super) values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Literal(String),
    Sign(&'static str),
}

fn syntax() -> Refused {
    Refused::new("QUERY_SYNTAX_ERROR", "Syntax Error on line 1")
}

fn tokens(text: &str) -> Result<Vec<Token>, Refused> {
    let mut found = Vec::new();
    let mut rest = text;
    'text: while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = rest.trim_start();
            continue;
        }
        if let Some(behind) = rest.strip_prefix('\'') {
            let (literal, after) = literal(behind)?;
            found.push(Token::Literal(literal));
            rest = after;
            continue;
        }
        for sign in ["!=", "<=", ">=", "=", "<", ">", "(", ")", ",", ";"] {
            if let Some(after) = rest.strip_prefix(sign) {
                found.push(Token::Sign(sign));
                rest = after;
                continue 'text;
            }
        }
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '*' | '.')))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).ok_or_else(syntax)?;
        // `count(*)` is one word.
        if word.eq_ignore_ascii_case("count")
            && let Some(after) = after.strip_prefix("(*)")
        {
            found.push(Token::Word("count(*)".to_owned()));
            rest = after;
            continue;
        }
        if word.is_empty() {
            return Err(syntax());
        }
        found.push(Token::Word(word.to_owned()));
        rest = after;
    }
    Ok(found)
}

/// A literal behind its first quote, and what comes after it. Two quotes are one; a backslash is an escape of SQL;
/// an empty literal is not understood at all.
fn literal(text: &str) -> Result<(String, &str), Refused> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' => {
                let after = text.get(at + 1..).unwrap_or_default();
                if after.starts_with('\'') {
                    value.push('\'');
                    characters.next();
                } else if value.is_empty() {
                    return Err(Refused::internal());
                } else {
                    return Ok((value, after));
                }
            }
            _ => value.push(character),
        }
    }
    Err(syntax())
}

struct Reader {
    tokens: std::vec::IntoIter<Token>,
    next: Option<Token>,
}

impl Reader {
    fn new(tokens: Vec<Token>) -> Self {
        let mut tokens = tokens.into_iter();
        let next = tokens.next();
        Self { tokens, next }
    }

    fn take(&mut self) -> Option<Token> {
        std::mem::replace(&mut self.next, self.tokens.next())
    }

    fn word(&mut self) -> Result<String, Refused> {
        match self.take() {
            Some(Token::Word(word)) => Ok(word),
            Some(Token::Literal(_) | Token::Sign(_)) | None => Err(syntax()),
        }
    }

    /// Takes a word of the language, whatever its case.
    fn skips(&mut self, word: &str) -> bool {
        let is_next = matches!(&self.next, Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        if is_next {
            self.take();
        }
        is_next
    }

    fn skips_sign(&mut self, sign: &str) -> bool {
        let is_next = matches!(&self.next, Some(Token::Sign(next)) if *next == sign);
        if is_next {
            self.take();
        }
        is_next
    }

    fn list(&mut self) -> Result<Vec<String>, Refused> {
        let mut words = vec![self.word()?];
        while self.skips_sign(",") {
            words.push(self.word()?);
        }
        Ok(words)
    }

    fn number(&mut self) -> Result<usize, Refused> {
        self.word()?.parse().map_err(|_| syntax())
    }

    fn condition(&mut self) -> Result<Condition, Refused> {
        let column = self.word()?;
        let operator = match self.take() {
            Some(Token::Sign(sign)) if ["=", "!=", "<", ">", "<=", ">="].contains(&sign) => sign.to_owned(),
            Some(Token::Word(word)) if ["in", "like"].contains(&word.to_lowercase().as_str()) => {
                word.to_lowercase()
            }
            Some(Token::Word(_) | Token::Literal(_) | Token::Sign(_)) | None => return Err(syntax()),
        };
        let values = if operator == "in" {
            if !self.skips_sign("(") {
                return Err(syntax());
            }
            let mut values = vec![self.value()?];
            while self.skips_sign(",") {
                values.push(self.value()?);
            }
            if !self.skips_sign(")") {
                return Err(syntax());
            }
            values
        } else {
            vec![self.value()?]
        };
        Ok(Condition {
            column,
            operator,
            values,
        })
    }

    fn value(&mut self) -> Result<String, Refused> {
        match self.take() {
            Some(Token::Literal(value)) => Ok(value),
            Some(Token::Word(_) | Token::Sign(_)) | None => Err(syntax()),
        }
    }
}

/// Reads a query.
pub(super) fn query(text: &str) -> Result<Query, Refused> {
    let mut reader = Reader::new(tokens(text)?);
    if !reader.skips("select") {
        return Err(syntax());
    }
    let columns = reader.list()?;
    if !reader.skips("from") {
        return Err(syntax());
    }
    let mut query = Query {
        columns,
        module: reader.word()?,
        ..Query::default()
    };
    if reader.skips("where") {
        let mut all = vec![reader.condition()?];
        loop {
            if reader.skips("and") {
                all.push(reader.condition()?);
            } else if reader.skips("or") {
                query.alternatives.push(std::mem::take(&mut all));
                all.push(reader.condition()?);
            } else {
                query.alternatives.push(all);
                break;
            }
        }
    }
    if reader.skips("order") {
        if !reader.skips("by") {
            return Err(syntax());
        }
        query.order = reader.list()?;
        // One direction for all of them.
        query.descending = reader.skips("desc");
        if !query.descending {
            reader.skips("asc");
        }
    }
    if reader.skips("limit") {
        let first = reader.number()?;
        if reader.skips_sign(",") {
            query.offset = first;
            query.limit = Some(reader.number()?);
        } else {
            query.limit = Some(first);
        }
    }
    // The semicolon is needed, and nothing stands behind it.
    if reader.skips_sign(";") && reader.next.is_none() {
        Ok(query)
    } else {
        Err(syntax())
    }
}
