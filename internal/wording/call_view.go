package wording

import (
	"encoding/json"

	"parley.example/internal/api"
	"parley.example/internal/procedure/hotline"
)

// CallView reads the shared view of a call.
func CallView(c *api.Call) (*hotline.Call, error) {
	var v struct {
		Call hotline.Call `json:"call"`
	}
	err := json.Unmarshal(c.View, &v)
	return &v.Call, err
}
