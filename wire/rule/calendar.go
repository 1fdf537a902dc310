package rule

import "parley.example/wire/fault"

// Calendars, instants and clocks (spec/calendar.md).
const (
	CalendarEnds       fault.Code = "calendar.ends"        // an instant or day outside the calendar's horizon
	CalendarInstant    fault.Code = "calendar.instant"     // text that is not an instant in the one form
	CalendarDate       fault.Code = "calendar.date"        // text that is not a date of the Gregorian calendar
	CalendarWeekday    fault.Code = "calendar.weekday"     // text that is not a day of the week
	CalendarAmount     fault.Code = "calendar.amount"      // an amount of time without a known unit or a fit number
	CalendarHorizon    fault.Code = "calendar.horizon"     // from and until out of order, or too far apart
	CalendarOffsets    fault.Code = "calendar.offsets"     // offsets absent, out of order, out of range or starting late
	CalendarWeek       fault.Code = "calendar.week"        // working intervals out of order, empty or absent
	CalendarHoliday    fault.Code = "calendar.holiday"     // holidays out of order, doubled or without a name
	CalendarMakeUp     fault.Code = "calendar.make-up"     // make-up days out of order, doubled, or also holidays
	CalendarSize       fault.Code = "calendar.size"        // more entries than a calendar may have
	CalendarNotStarted fault.Code = "calendar.not-started" // a clock that was never started
	CalendarPaused     fault.Code = "calendar.paused"      // a clock that is paused has no due instant, and cannot be paused again
	CalendarNotPaused  fault.Code = "calendar.not-paused"  // only a paused clock can be resumed
	CalendarBackwards  fault.Code = "calendar.backwards"   // an instant before the clock's last change
)
