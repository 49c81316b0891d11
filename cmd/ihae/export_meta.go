package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/zoo"
	"github.com/pelletier/go-toml/v2"
)

// describe writes into a model's metadata what it is for and how it is fed: whole
// under [zoo.MetaModel], and in single entries for other programs.
func describe(m *onnx.Model, desc zoo.Model, step int) error {
	desc.Architecture = zoo.Architecture{Name: zoo.ImportedName}
	text, err := desc.Text()
	if err != nil {
		return err
	}
	m.Meta = slices.Clone(m.Meta)
	m.Producer, m.ProducerVersion = "ihae", ""
	m.SetMeta(zoo.MetaModel, string(text))
	m.SetMeta("ihae.task", desc.Task)
	m.SetMeta("ihae.step", strconv.Itoa(step))
	if len(desc.Labels) > 0 {
		labels, err := json.Marshal(desc.Labels)
		if err != nil {
			return err
		}
		m.SetMeta("ihae.labels", string(labels))
	}
	all := map[string]any{}
	if err := toml.Unmarshal(text, &all); err != nil {
		return err
	}
	for _, part := range []string{"input", "output"} {
		if table, ok := all[part].(map[string]any); ok {
			flatten(m, "ihae."+part, table)
		}
	}
	return nil
}

// flatten writes the numbers and texts of a table, and lists of them, under their
// names.
func flatten(m *onnx.Model, prefix string, table map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(table)) {
		name := prefix + "." + key
		switch v := table[key].(type) {
		case map[string]any:
			flatten(m, name, v)
		case []any:
			if list, ok := plainList(v); ok {
				m.SetMeta(name, list)
			}
		default:
			m.SetMeta(name, fmt.Sprint(v))
		}
	}
}

// plainList is a list with commas between, unless it is one of tables.
func plainList(list []any) (string, bool) {
	parts := make([]string, len(list))
	for i, v := range list {
		if _, table := v.(map[string]any); table {
			return "", false
		}
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, ","), true
}
