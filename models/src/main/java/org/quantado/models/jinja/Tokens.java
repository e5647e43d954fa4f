package org.quantado.models.jinja;

import java.util.List;

import org.quantado.models.jinja.Token.Kind;

/** The tokens of a template, and how far they are read. */
final class Tokens {
    private final List<Token> tokens;
    private int next;

    /** @param tokens of which the last is {@link Kind#END} */
    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(next);
    }

    Token peekSecond() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token take() {
        Token token = peek();
        if (token.kind() != Kind.END) {
            next++;
        }
        return token;
    }

    boolean at(Kind kind) {
        return peek().kind() == kind;
    }

    boolean atName(String name) {
        return peek().is(Kind.NAME, name);
    }

    boolean atSymbol(String symbol) {
        return peek().is(Kind.SYMBOL, symbol);
    }

    boolean takeName(String name) {
        return take(atName(name));
    }

    boolean takeSymbol(String symbol) {
        return take(atSymbol(symbol));
    }

    private boolean take(boolean wanted) {
        if (wanted) {
            next++;
        }
        return wanted;
    }

    Token require(Kind kind, String expected) {
        if (!at(kind)) {
            throw unexpected(expected);
        }
        return take();
    }

    void requireSymbol(String symbol) {
        if (!takeSymbol(symbol)) {
            throw unexpected("'" + symbol + "'");
        }
    }

    void requireName(String name) {
        if (!takeName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    /** The error of the next token, which is not what stands here. */
    TemplateException unexpected(String expected) {
        return new TemplateException("found " + peek().shown() + ", expected " + expected).at(peek().line());
    }
}
