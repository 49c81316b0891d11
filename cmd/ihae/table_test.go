package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
)

// put writes a file of the working folder.
func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// houses is a table whose last column follows from the others.
func houses(rows int) string {
	b := &strings.Builder{}
	fmt.Fprintln(b, "rooms,town,price")
	for i := range rows {
		town := []string{"Ulsan", "Jeju"}[i%2]
		fmt.Fprintf(b, "%d,%s,%.1f\n", 1+i%7, town, 10.5*float64(1+i%7)+30*float64(i%2)+0.1*float64(i%3))
	}
	return b.String()
}

// TestTableSession trains on somebody's table, measures and predicts: a line a
// row, what cannot be read among them.
func TestTableSession(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "houses.csv", houses(120))
	code, out, errs := ihae(t.Context(), "train", "table", "--data", "houses.csv", "--out", "run", "--json", "--steps", "300")
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var done struct {
		Event    string
		Metrics  map[string]float64
		Baseline struct{ Metrics map[string]float64 }
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil || done.Event != "done" {
		t.Fatal(err, lines[len(lines)-1])
	}
	for _, name := range []string{"mae", "rmse", "r2", "loss"} {
		if _, ok := done.Metrics[name]; !ok {
			t.Errorf("no %s in %v", name, done.Metrics)
		}
	}
	if done.Baseline.Metrics["r2"] < 0.9 {
		t.Errorf("baseline %v", done.Baseline)
	}
	page, err := os.ReadFile("run/report.html")
	if err != nil || !bytes.Contains(page, []byte("What it goes by")) || !bytes.Contains(page, []byte("ridge regression")) {
		t.Errorf("the page: %v, %d bytes", err, len(page))
	}
	put(t, "ask.csv", "town,rooms\nJeju,3\nBusan,\nUlsan,many\nUlsan,2\n")
	code, out, _ = ihae(t.Context(), "predict", "run", "ask.csv", "none.csv", "--json")
	lines = strings.Split(strings.TrimSpace(out), "\n")
	if code != exitInput || len(lines) != 5 {
		t.Fatalf("exit %d: %s", code, out)
	}
	for i, want := range []string{`"row":1,"value":`, `"row":2,"value":`, `"row":3,"error":"column \"rooms\"`, `"row":4,"value":`, `{"file":"none.csv","error":`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d is %s, wanted %s", i, lines[i], want)
		}
	}
	if code, out, errs = ihae(t.Context(), "eval", "run", "--json"); code != exitOK || strings.Contains(out, "per_class") || !strings.Contains(out, `"rmse":`) {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// TestEncodingsOfTables: the same table in other bytes is the same table.
func TestEncodingsOfTables(t *testing.T) {
	t.Chdir(t.TempDir())
	plain := strings.NewReplacer("town", "동네", "Jeju", "제주", "Ulsan", "울산").Replace(houses(60))
	cp949, err := korean.EUCKR.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"utf8": plain, "bom": "\ufeff" + plain, "crlf": strings.ReplaceAll(plain, "\n", "\r\n"), "cp949": cp949, "utf16": utf16,
	} {
		put(t, name+".csv", text)
		code, out, errs := ihae(t.Context(), "train", "table", "--data", name+".csv", "--out", name, "--json", "--steps", "5")
		if code != exitOK || !strings.Contains(out, "category: 동네") {
			t.Errorf("%s: exit %d: %s%s", name, code, out, errs)
		}
	}
}

// TestBadTables: one line that names the file and the place, exit 3, nothing
// written.
func TestBadTables(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct{ text, want string }{
		"empty.csv":  {"", "empty.csv"},
		"header.csv": {"a,b\n", "header.csv"},
		"ragged.csv": {"a,b\n1,x\n2\n", "line 3"},
		"quotes.csv": {"a,b\n1,x\n\"2,y\n", "line 3"},
		"long.csv":   {"a,b\n1,x\n" + strings.Repeat("9", 2<<20) + ",y\n", "line 3"},
		"class.csv":  {"a,b\n1,x\n2,x\n", `"b"`},
		"target.csv": {"a,b\n1,\n2,\n", `"b"`},
		"number.csv": {houses(40) + "1e999,Jeju,7.5\n", "number.csv:42"},
	} {
		put(t, name, c.text)
		code, _, errs := ihae(t.Context(), "train", "table", "--data", name, "--out", "run")
		if code != exitInput || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 || len(errs) > 600 {
			t.Errorf("%s: exit %d, %.700q", name, code, errs)
		}
		if _, err := os.Stat("run"); err == nil {
			t.Fatalf("%s: a folder was made", name)
		}
	}
}
