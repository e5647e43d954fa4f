package org.quantado.models.constrain;

/**
 * The beginning of a JSON object (RFC 8259), read character by character. It takes a character exactly if an object can begin
 * so.
 */
final class JsonText {
    /** Containers within each other: one bit each says whether it is an object. */
    static final int MAX_DEPTH = Long.SIZE;
    /** White space in a row: a model that is kept from writing anything else would never end. */
    static final int MAX_SPACE = 24;

    private static final String WHITE_SPACE = " \t\n\r";
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String HEX_DIGITS = "0123456789abcdefABCDEF";
    private static final int UNICODE_DIGITS = 4;

    /** What comes next, or what is being read. */
    private enum State {
        OBJECT, VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END, STRING, ESCAPE, UNICODE, WORD, MINUS, ZERO, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS, COMPLETE;

        boolean endsNumber() {
            return this == ZERO || this == INTEGER || this == FRACTION || this == EXPONENT_DIGITS;
        }

        boolean allowsSpace() {
            return switch (this) {
                case VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END -> true;
                default -> false;
            };
        }
    }

    private State state = State.OBJECT;
    /** The innermost container's bit is the lowest. */
    private long objects;
    private int depth;
    private boolean inKey;
    private int space;
    /** What is left of true, false or null. */
    private String word = "";
    private int digits;

    /** Becomes what another one is. */
    void set(JsonText other) {
        state = other.state;
        objects = other.objects;
        depth = other.depth;
        inKey = other.inKey;
        space = other.space;
        word = other.word;
        digits = other.digits;
    }

    /** Whether the object has ended. */
    boolean isComplete() {
        return state == State.COMPLETE;
    }

    /** Reads on; whether it can go on so. If not, it is of no use any more. */
    boolean add(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!add(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean add(char c) {
        if (state.endsNumber() && !continuesNumber(c)) {
            state = State.COMMA_OR_END;
        }
        if (state.allowsSpace() && WHITE_SPACE.indexOf(c) >= 0) {
            return ++space <= MAX_SPACE;
        }
        space = 0;
        return switch (state) {
            case OBJECT -> c == '{' && open(true);
            case VALUE -> value(c);
            case VALUE_OR_END -> c == ']' ? close(false) : value(c);
            case KEY -> c == '"' && string(true);
            case KEY_OR_END -> c == '}' ? close(true) : c == '"' && string(true);
            case COLON -> c == ':' && to(State.VALUE);
            case COMMA_OR_END -> commaOrEnd(c);
            case STRING -> inString(c);
            case ESCAPE -> escape(c);
            case UNICODE -> HEX_DIGITS.indexOf(c) >= 0 && (--digits > 0 || to(State.STRING));
            case WORD -> inWord(c);
            case MINUS -> number(c);
            case POINT -> isDigit(c) && to(State.FRACTION);
            case EXPONENT -> exponent(c);
            case EXPONENT_SIGN -> isDigit(c) && to(State.EXPONENT_DIGITS);
            case ZERO, INTEGER, FRACTION, EXPONENT_DIGITS -> inNumber(c);
            case COMPLETE -> false;
        };
    }

    private boolean to(State next) {
        state = next;
        return true;
    }

    private boolean open(boolean object) {
        if (depth == MAX_DEPTH) {
            return false;
        }
        depth++;
        objects = (objects << 1) | (object ? 1 : 0);
        return to(object ? State.KEY_OR_END : State.VALUE_OR_END);
    }

    private boolean isInObject() {
        return (objects & 1) != 0;
    }

    private boolean close(boolean object) {
        if (object != isInObject()) {
            return false;
        }
        depth--;
        objects >>>= 1;
        return to(depth == 0 ? State.COMPLETE : State.COMMA_OR_END);
    }

    private boolean commaOrEnd(char c) {
        return switch (c) {
            case ',' -> to(isInObject() ? State.KEY : State.VALUE);
            case '}' -> close(true);
            case ']' -> close(false);
            default -> false;
        };
    }

    private boolean value(char c) {
        return switch (c) {
            case '{' -> open(true);
            case '[' -> open(false);
            case '"' -> string(false);
            case 't' -> word("rue");
            case 'f' -> word("alse");
            case 'n' -> word("ull");
            case '-' -> to(State.MINUS);
            default -> number(c);
        };
    }

    private boolean string(boolean key) {
        inKey = key;
        return to(State.STRING);
    }

    private boolean inString(char c) {
        return switch (c) {
            case '"' -> to(inKey ? State.COLON : State.COMMA_OR_END);
            case '\\' -> to(State.ESCAPE);
            default -> c >= ' ';
        };
    }

    private boolean escape(char c) {
        if (c == 'u') {
            digits = UNICODE_DIGITS;
            return to(State.UNICODE);
        }
        return ESCAPES.indexOf(c) >= 0 && to(State.STRING);
    }

    private boolean word(String rest) {
        word = rest;
        return to(State.WORD);
    }

    private boolean inWord(char c) {
        if (word.charAt(0) != c) {
            return false;
        }
        word = word.substring(1);
        return !word.isEmpty() || to(State.COMMA_OR_END);
    }

    private boolean number(char c) {
        return isDigit(c) && to(c == '0' ? State.ZERO : State.INTEGER);
    }

    private boolean continuesNumber(char c) {
        return switch (c) {
            case '.' -> state == State.ZERO || state == State.INTEGER;
            case 'e', 'E' -> state != State.EXPONENT_DIGITS;
            default -> isDigit(c) && state != State.ZERO;
        };
    }

    private boolean inNumber(char c) {
        return switch (c) {
            case '.' -> to(State.POINT);
            case 'e', 'E' -> to(State.EXPONENT);
            default -> true;
        };
    }

    private boolean exponent(char c) {
        if (c == '+' || c == '-') {
            return to(State.EXPONENT_SIGN);
        }
        return isDigit(c) && to(State.EXPONENT_DIGITS);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
