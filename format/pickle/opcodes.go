package pickle

// opcode is what one byte of a pickle does.
type opcode struct {
	name string // pickletools' name
	do   func(m *machine) error
}

// opcodes is all opcodes, set by the files that define them.
var opcodes [256]opcode

// define adds opcodes to the table.
func define(ops map[byte]opcode) {
	for code, op := range ops {
		opcodes[code] = op
	}
}
