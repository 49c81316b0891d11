package caffe

import "slices"

// PReLU: x where it is positive, else x times a slope, one for each channel or
// one for all (He et al., "Delving Deep into Rectifiers", 2015).
func init() {
	register("PReLU", func(s *step) error {
		if err := s.takes(1, 2); err != nil {
			return err
		}
		x := s.in[0]
		p := s.p.child("prelu_param")
		p.ignore("filler")
		dims := []int{1}
		if !p.flag("channel_shared", false) {
			channels, err := known(x.dims[1:2])
			if err != nil {
				return err
			}
			dims = append([]int{channels}, slices.Repeat([]int{1}, len(x.dims)-2)...)
		}
		slope, err := s.init(0, "slope", dims...)
		if err != nil {
			return err
		}
		return s.out(x.dims, "PRelu", []string{x.name, slope})
	})
}
