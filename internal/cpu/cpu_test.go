package cpu

import (
	"fmt"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	two := []Form{Plain, AVX2}
	for _, c := range []struct {
		want string
		form Form
		err  string
	}{
		{"", AVX2, ""},
		{"plain", Plain, ""},
		{"avx2", AVX2, ""},
		{"avx512", AVX2, `IHAE_CPU="avx512": this machine runs only plain, avx2`},
		{"sse9", AVX2, `IHAE_CPU="sse9": no such form; there is plain, avx2, avx512`},
	} {
		t.Run("asks for "+c.want, func(t *testing.T) {
			form, err := choose(c.want, two)
			if form != c.form {
				t.Errorf("form %s, want %s", form, c.form)
			}
			if got := fmt.Sprint(err); c.err == "" && err != nil || c.err != "" && got != c.err {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

func TestFormsAreOrdered(t *testing.T) {
	if Supported()[0] != Plain {
		t.Error("the first form is not the plain one")
	}
	for i, f := range order {
		for j, g := range order {
			if f.AtMost(g) != (i <= j) {
				t.Errorf("%s.AtMost(%s) = %v", f, g, f.AtMost(g))
			}
		}
	}
	if Cores() < 1 || !Runs(Best()) {
		t.Errorf("%d cores, form %s", Cores(), Best())
	}
}

func ExampleForm_AtMost() {
	fmt.Println(AVX2.AtMost(AVX512), AVX2.AtMost(Plain), strings.ToUpper(string(AVX2)))
	// Output: true false AVX2
}
