package train

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/optim"
)

// Config says how to fit. A zero field means the value in its comment.
type Config struct {
	Epochs          int             // 1
	Steps           int             // as many as Epochs takes
	Batch           int             // 32, but never more than there are examples
	LR              float64         // 0.001, times what Schedule says
	Optimizer       optim.Optimizer // SGD without momentum
	Schedule        optim.Schedule  // Constant
	Objective       Objective       // Class
	Mix             data.Mix        // none: images of a batch are mixed with one another
	ClipNorm        float64         // 0: no bound on the length of the gradient
	ClipValue       float64         // 0: no bound on its components
	Accumulate      int             // 1: the pieces that a batch is worked off in, to save memory
	Spare           bool            // false; true: compute again what would be kept for the backward pass, where that is cheap
	Freeze          []string        // nothing: patterns of the paths of layers and parameters that keep their values
	Average         Average         // none
	Patience        int             // 0: never stop early; else the validations without a gain to stop after
	MinDelta        float64         // 0: the accuracy that a gain must exceed
	CheckpointEvery int             // 0: at the end of each epoch; else this many steps apart, and at the best epochs
	Augment         []data.Augment  // none
}

func (c Config) withDefaults() Config {
	if c.Epochs == 0 {
		c.Epochs = 1
	}
	if c.Batch == 0 {
		c.Batch = 32
	}
	if c.LR == 0 {
		c.LR = 0.001
	}
	if c.Optimizer == nil {
		c.Optimizer = optim.SGD{}
	}
	c.Average = c.Average.withDefaults()
	if c.Objective == nil {
		c.Objective = Class{}
	}
	if c.Schedule == nil {
		c.Schedule = optim.Constant{}
	}
	return c
}

// check refuses what cannot be done, before any work.
func (c Config) check() error {
	switch {
	case c.Epochs < 1 || c.Epochs > 1e6:
		return &ConfigError{"epochs", fmt.Sprintf("want 1 to 1000000, got %d", c.Epochs)}
	case c.Steps < 0:
		return &ConfigError{"steps", fmt.Sprintf("want at least 0, got %d", c.Steps)}
	case c.Batch < 1:
		return &ConfigError{"batch", fmt.Sprintf("want at least 1, got %d", c.Batch)}
	case !(c.LR > 0) || math.IsInf(c.LR, 0):
		return &ConfigError{"lr", fmt.Sprintf("want more than 0, got %v", c.LR)}
	case !(c.ClipNorm >= 0) || !(c.ClipValue >= 0):
		return &ConfigError{"clip", fmt.Sprintf("want at least 0, got %v and %v", c.ClipNorm, c.ClipValue)}
	case c.Accumulate < 0:
		return &ConfigError{"accumulate", fmt.Sprintf("want at least 1, got %d", c.Accumulate)}
	case c.Patience < 0 || c.CheckpointEvery < 0 || c.MinDelta < 0:
		return &ConfigError{"patience, checkpoint.every, min delta", "want at least 0"}
	}
	if o, ok := c.Objective.(interface{ check() error }); ok {
		if err := o.check(); err != nil {
			return err
		}
	}
	return c.Average.check()
}

// Step is what the step's program of net needs to know.
func (c Config) Step(net nn.Layer) (StepOptions, error) {
	o := StepOptions{
		Objective: c.Objective, Mixed: c.Mix.On(),
		ClipNorm: c.ClipNorm, ClipValue: c.ClipValue, Accumulate: c.Accumulate, Spare: c.Spare,
	}
	var err error
	o.Frozen, err = freezer(c.Freeze, nn.Params(net))
	return o, err
}

// batchOf is the batch size for a number of examples.
func (c Config) batchOf(examples int) int { return max(1, min(c.Batch, examples)) }

// perEpoch is how many whole batches an epoch has.
func (c Config) perEpoch(examples int) int { return max(1, examples/c.batchOf(examples)) }

// TotalSteps is how many steps a training on so many examples takes.
func (c Config) TotalSteps(examples int) int {
	c = c.withDefaults()
	if c.Steps > 0 {
		return c.Steps
	}
	return c.Epochs * c.perEpoch(examples)
}
