package main

import (
	"context"
	"time"

	"parley.example/internal/alarm"
	"parley.example/internal/node"
	"parley.example/wire/party"
)

const (
	alarmsWaiting = 16               // beyond these an alarm is only logged
	alarmPatience = 30 * time.Second // for the command to end
)

// alarmWords is what the command of an alarm reads: code words and instants.
type alarmWords struct {
	Event   string `json:"event"`   // begin or end
	Silence string `json:"silence"` // code word
	Link    string `json:"link"`    // first digits of the link's identifier
	Realm   string `json:"realm"`
	Since   int64  `json:"since"` // milliseconds since 1970 in UTC
	Time    int64  `json:"time"`
}

// alarm queues an alarm for the command, and never waits for it.
func (o *office) alarm(e node.AlarmEvent) {
	if len(o.config.Alarm.Command) == 0 {
		return
	}
	words := alarmWords{Event: "end", Silence: string(e.Kind), Realm: "real", Since: e.Since, Time: e.Now}
	if e.Begun {
		words.Event = "begin"
	}
	if e.Link.Realm == party.Exercise {
		words.Realm = "exercise"
	}
	id := e.Link.ID()
	words.Link = party.ID(id).String()[:16]
	select {
	case o.alarms <- words:
	default:
		o.log.Error("the alarm command is too slow: this alarm is only logged")
	}
}

// ring runs the command for each alarm, one after the other, until the context
// ends.
func (o *office) ring(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case words := <-o.alarms:
			if err := alarm.Run(ctx, o.config.Alarm.Command, words, alarmPatience); err != nil {
				o.log.Error("alarm command", "error", err)
			}
		}
	}
}
